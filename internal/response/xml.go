package response

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// parseXML reads a whole text into a document node whose only member is the root element. Names are local
// names; attributes are "@name"; an element with nothing but text is a text.
func parseXML(s string) (*node, *flaw) {
	dec := xml.NewDecoder(strings.NewReader(s))
	dec.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	p := &xmlParser{dec: dec, doc: node{kind: kindObject, element: true}}
	for {
		start := dec.InputOffset()
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, xmlFlaw(s, dec, start, err)
		}
		if f := p.take(tok, int(start)); f != nil {
			return nil, f
		}
	}
	if len(p.doc.kids) == 0 {
		return nil, &flaw{offset: len(s), what: "there is no element in the answer", hint: "The answer is not XML. Set the response type to what the vendor really sends."}
	}
	return &p.doc, nil
}

type xmlParser struct {
	dec   *xml.Decoder
	doc   node
	open  []opened
	nodes int
}

// opened is an element whose end has not come yet; its text is collected in pieces.
type opened struct {
	node node
	text []byte
}

func (p *xmlParser) take(tok xml.Token, offset int) *flaw {
	switch t := tok.(type) {
	case xml.StartElement:
		p.nodes += 1 + len(t.Attr)
		switch {
		case p.nodes > maxNodes:
			return &flaw{offset: offset, what: "the answer holds more than 100,000 elements and attributes", tooMuch: true}
		case len(p.open) >= maxDepth:
			return &flaw{offset: offset, what: "the answer is nested deeper than 64 levels", tooMuch: true}
		case len(p.open) == 0 && len(p.doc.kids) > 0:
			return &flaw{offset: offset, what: "a second XML document begins here", hint: "The vendor sends several XML documents in one answer. Send the vendor this position."}
		}
		p.open = append(p.open, opened{node: startOf(t)})
	case xml.EndElement:
		last := len(p.open) - 1
		done := p.open[last].node
		done.text = string(p.open[last].text)
		p.open = p.open[:last]
		done.close()
		if last == 0 {
			p.doc.kids = append(p.doc.kids, done)
		} else {
			above := &p.open[last-1].node
			above.kids = append(above.kids, done)
		}
	case xml.CharData:
		if len(p.open) > 0 {
			innermost := &p.open[len(p.open)-1]
			innermost.text = append(innermost.text, t...)
		} else if strings.TrimSpace(string(t)) != "" {
			f := &flaw{offset: offset, what: "there is text outside of the root element", hint: "The vendor's answer is not valid XML. Send the vendor this position."}
			if len(p.doc.kids) == 0 {
				f.what, f.hint = "the answer begins with text and not with an element", "The answer is plain text and not XML. Read what it says; if that is right, set the response type to TEXT."
			}
			return f
		}
	}
	return nil
}

func startOf(t xml.StartElement) node {
	n := node{key: t.Name.Local, kind: kindObject, element: true}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		if a.Name.Local == "nil" && (a.Value == "true" || a.Value == "1") {
			n.kind = kindNull
			continue
		}
		n.kids = append(n.kids, node{key: "@" + a.Name.Local, kind: kindText, text: a.Value})
	}
	return n
}

// close settles what an element is, once everything in it is known.
func (n *node) close() {
	switch {
	case n.kind == kindNull:
		n.kids, n.text = nil, ""
	case len(n.kids) == 0:
		n.kind, n.text = kindText, strings.TrimSpace(n.text)
	default:
		n.text = strings.TrimSpace(n.text)
	}
}

// xmlFlaw puts the decoder's error into words and finds its place.
func xmlFlaw(s string, dec *xml.Decoder, start int64, err error) *flaw {
	f := &flaw{offset: int(max(start, dec.InputOffset()-1)), hint: "The vendor's answer is not valid XML. Send the vendor this position."}
	syntax, ok := errors.AsType[*xml.SyntaxError](err)
	if !ok {
		f.what = "the XML cannot be read here"
		return f
	}
	f.what = syntax.Msg
	switch {
	case strings.Contains(syntax.Msg, "unexpected EOF"):
		f.offset, f.what, f.ended = len(s), "the answer ends too early: an element is not closed", true
	case strings.Contains(syntax.Msg, "invalid character entity") && strings.Contains(s, "<!ENTITY"):
		f.hint = "The answer declares entities of its own in a document type. They are not read: that is a known way to do harm. Ask the vendor for plain XML."
	case strings.Contains(syntax.Msg, "invalid character entity"):
		f.hint = "The vendor writes an & that XML does not know (it must be &amp;). Send the vendor this position."
	case strings.Contains(syntax.Msg, "closed by"):
		f.what = "an element is closed by another name: " + syntax.Msg
	}
	return f
}
