package mapping

// wrap puts what the rows made into the shape that the other side asks for.
func wrap(body *Node, envelope string) *Node {
	switch envelope {
	case "hubspot_v3":
		return &Node{kind: object, names: []string{"properties"}, items: []*Node{body}}
	case "hubspot_v1":
		properties := &Node{kind: list}
		body.Each(func(name string, child *Node) {
			properties.items = append(properties.items, &Node{
				kind: object, names: []string{"property", "value"}, items: []*Node{text(name), child},
			})
		})
		return &Node{kind: object, names: []string{"properties"}, items: []*Node{properties}}
	}
	return body
}
