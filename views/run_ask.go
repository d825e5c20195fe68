package views

import "tieline/views/ui"

// askRetry asks before a run is sent again: it is a live request.
func (v RunView) askRetry(p Page) ui.Ask {
	text := "The endpoint as it is saved now is called again with the same data. This sends a live request."
	if m := v.Run.Method; m != "" && m != "GET" && m != "HEAD" {
		text += " It is a " + m + ": what it writes at the vendor may be written twice."
	}
	return ui.Ask{
		ID: "ask-retry-" + v.Run.ID, Label: "Retry", Icon: ui.IconRotateCcw(), Small: true, Kind: ui.Primary,
		Title: "Send this again?", Text: text, Href: p.To.RunDo(v.Run.ID, "retry"), Button: "Send it again",
	}
}

// askDismiss asks for a note before a failed run leaves the inbox.
func (v RunView) askDismiss(p Page) ui.Ask {
	return ui.Ask{
		ID: "ask-dismiss-" + v.Run.ID, Label: "Dismiss", Icon: ui.IconBellOff(), Small: true, Kind: ui.Ghost,
		Title: "Dismiss this run?", Text: "It leaves the failures on the dashboard and stays in the list of runs.",
		Href: p.To.RunDo(v.Run.ID, "dismiss"), Button: "Dismiss it", Fields: noteField(),
	}
}
