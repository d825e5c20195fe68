package integration

// Trigger says when an endpoint runs. A route is a trigger whose source is another endpoint. Durations are texts
// such as 90s, 30m, 2h or 3d.
type Trigger struct {
	Name           string      `json:"name,omitempty"`
	Kind           string      `json:"kind"`             // event, schedule, webhook, endpoint, button
	Event          string      `json:"event,omitempty"`  // event: its type or an alias of it
	Source         string      `json:"source,omitempty"` // endpoint: its name, or integration.name of another integration
	On             string      `json:"on,omitempty"`     // endpoint: success (default), failure, record
	Split          string      `json:"split,omitempty"`  // where in what the source gave the records stand; one run for each
	Conditions     []Condition `json:"conditions,omitempty"`
	Scope          *Scope      `json:"scope,omitempty"`
	Cron           string      `json:"cron,omitempty"`      // schedule: five fields, or @every and a duration
	TimeZone       string      `json:"time_zone,omitempty"` // of cron and window; UTC by default
	Missed         string      `json:"missed,omitempty"`    // schedule: what became due while nothing ran: once (default), skip
	Window         *Window     `json:"window,omitempty"`
	Delay          *Delay      `json:"delay,omitempty"`
	Percent        *int        `json:"percent,omitempty"` // of the events, 0-100; nil: all
	Limit          *Limit      `json:"limit,omitempty"`
	SkipIfPending  bool        `json:"skip_if_pending,omitempty"`   // when a run of this endpoint waits for the same record
	SkipIfLiveCall bool        `json:"skip_if_live_call,omitempty"` // while a call with the record is going on
	StopIf         *Condition  `json:"stop_if,omitempty"`           // a later event of the record that meets it cancels what waits
	Retry          *Retry      `json:"retry,omitempty"`
	Waiting        bool        `json:"waiting,omitempty"` // a run that was accepted waits until it is finished from outside
	Output         string      `json:"output,omitempty"`  // ctx.<output> gets the outputs of the run
	Batch          int         `json:"batch,omitempty"`   // schedule: records in one go; 0: all
	Position       int         `json:"position,omitempty"`
	Enabled        *bool       `json:"enabled,omitempty"` // nil: yes
}

// Condition compares one field of an event. All conditions of a trigger must hold. Field is resolved like a bare
// token: a dotted name of the event, option.x, ctx.x.
type Condition struct {
	Field string `json:"field"`
	Op    string `json:"op"` // of Ops, or within: the moment in the field is at most the duration ago
	Value string `json:"value,omitempty"`
}

// Scope narrows a trigger to some of the events. An empty list is no limit.
type Scope struct {
	Customers []string `json:"customers,omitempty"` // slugs
	Campaigns []string `json:"campaigns,omitempty"` // campaign_id of the event
	Lists     []string `json:"lists,omitempty"`     // list_id
	Queues    []string `json:"queues,omitempty"`    // queue_id
	Numbers   []string `json:"numbers,omitempty"`   // inbound_number
	Templates []string `json:"templates,omitempty"` // email_template_id
}

// Window is when a trigger may act, in its time zone. What happens outside of it waits for the window to open.
type Window struct {
	Days []string `json:"days,omitempty"` // mon tue wed thu fri sat sun; empty: every day
	From string   `json:"from,omitempty"` // 09:00; empty: from midnight
	To   string   `json:"to,omitempty"`   // 17:00; empty: to midnight. Before From it ends on the next day
}

// Delay is how long a run waits. At most one of the four is set.
type Delay struct {
	Fixed         string `json:"fixed,omitempty"`           // after the event
	AfterLastCall string `json:"after_last_call,omitempty"` // after the end of the last call with the record
	BeforeField   string `json:"before_field,omitempty"`    // a field with a moment and a duration: "callback_at 15m"
	AfterField    string `json:"after_field,omitempty"`
}

// Limit is the guard against too many runs for one record; nil is 9 in 180 seconds.
type Limit struct {
	Runs    int `json:"runs"`
	Seconds int `json:"seconds"`
}

// Retry is how often and how far apart a failed run is tried again; nil is the schedule of the installation.
type Retry struct {
	Attempts  int `json:"attempts"`   // repeats after the first try, 0-10
	IntervalS int `json:"interval_s"` // 1-21600
}
