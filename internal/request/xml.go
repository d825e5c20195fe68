package request

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// xmlState is the part of an XML text that the reader stands in.
type xmlState int

const (
	xmlText xmlState = iota
	xmlTag
	xmlDouble // inside a "…" attribute
	xmlSingle // inside a '…' attribute
	xmlCDATA
	xmlComment
	xmlInstruction // <? ?>
	xmlDeclaration // <! >
)

// xmlPositions decides every token's position in an XML template and gives a message for each that stands
// where no value can.
func xmlPositions(t *text) []string {
	var messages []string
	state := xmlText
	for i := range t.parts {
		p := &t.parts[i]
		if p.tok == nil {
			state = xmlAfter(state, p.lit)
			continue
		}
		switch state {
		case xmlText:
			p.at = atXMLText
		case xmlDouble, xmlSingle:
			p.at = atXMLAttr
		case xmlCDATA:
			p.at = atCDATA
		case xmlTag:
			messages = append(messages, p.tok.Text+" stands inside a tag. A value may stand between tags or in the quotes of an attribute.")
		case xmlComment, xmlInstruction, xmlDeclaration:
			messages = append(messages, p.tok.Text+" stands in a comment, instruction or declaration, where no value may stand.")
		}
	}
	return messages
}

// xmlAfter is the state behind a literal.
func xmlAfter(state xmlState, s string) xmlState {
	for s != "" {
		n := 1
		switch state {
		case xmlText:
			state, n = xmlOpening(s)
		case xmlTag:
			switch s[0] {
			case '>':
				state = xmlText
			case '"':
				state = xmlDouble
			case '\'':
				state = xmlSingle
			}
		case xmlDouble:
			state, n = xmlUntil(s, `"`, state, xmlTag)
		case xmlSingle:
			state, n = xmlUntil(s, "'", state, xmlTag)
		case xmlCDATA:
			state, n = xmlUntil(s, "]]>", state, xmlText)
		case xmlComment:
			state, n = xmlUntil(s, "-->", state, xmlText)
		case xmlInstruction:
			state, n = xmlUntil(s, "?>", state, xmlText)
		case xmlDeclaration:
			state, n = xmlUntil(s, ">", state, xmlText)
		}
		s = s[n:]
	}
	return state
}

func xmlOpening(s string) (xmlState, int) {
	for _, o := range []struct {
		text  string
		state xmlState
	}{{"<![CDATA[", xmlCDATA}, {"<!--", xmlComment}, {"<?", xmlInstruction}, {"<!", xmlDeclaration}, {"<", xmlTag}} {
		if strings.HasPrefix(s, o.text) {
			return o.state, len(o.text)
		}
	}
	return xmlText, 1
}

func xmlUntil(s, end string, here, next xmlState) (xmlState, int) {
	if i := strings.Index(s, end); i >= 0 {
		return next, i + len(end)
	}
	return here, len(s)
}

// xmlTemplateShape is the structure of a template with a stand-in for every token.
func xmlTemplateShape(t *text) ([]string, error) {
	var probe bytes.Buffer
	for _, p := range t.parts {
		if p.tok != nil {
			probe.WriteByte('x')
		} else {
			probe.WriteString(p.lit)
		}
	}
	return xmlShape(probe.Bytes())
}

// xmlShape lists tags with their attributes' names, comments, instructions and declarations; text is left out.
func xmlShape(body []byte) ([]string, error) {
	var shape, open []string
	roots := 0
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = func(charset string, _ io.Reader) (io.Reader, error) {
		return nil, errors.New("it declares the encoding " + charset + ", but UTF-8 is sent")
	}
	for {
		tok, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if roots != 1 || len(open) != 0 {
				return nil, errors.New("there must be one element around everything, and every element must be closed")
			}
			return shape, nil
		}
		if err != nil {
			return nil, xmlError(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if len(open) == 0 {
				roots++
			}
			open = append(open, tok.Name.Space+":"+tok.Name.Local)
			shape = append(shape, xmlTagShape(tok))
		case xml.EndElement:
			last := len(open) - 1
			if last < 0 || open[last] != tok.Name.Space+":"+tok.Name.Local {
				return nil, errors.New("</" + tok.Name.Local + "> closes an element that is not open")
			}
			open, shape = open[:last], append(shape, ">")
		case xml.CharData:
			if len(open) == 0 && len(bytes.TrimSpace(tok)) > 0 {
				return nil, errors.New("there is text outside of the one element around everything")
			}
		case xml.Comment:
			shape = append(shape, "!--"+string(tok))
		case xml.ProcInst:
			shape = append(shape, "?"+tok.Target+" "+string(tok.Inst))
		case xml.Directive:
			shape = append(shape, "!"+string(tok))
		}
	}
}

func xmlTagShape(tag xml.StartElement) string {
	var line strings.Builder
	line.WriteString("<" + tag.Name.Space + ":" + tag.Name.Local)
	for _, a := range tag.Attr {
		line.WriteString(" " + a.Name.Space + ":" + a.Name.Local)
	}
	return line.String()
}

func xmlError(err error) error {
	if e, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return errors.New("line " + strconv.Itoa(e.Line) + ": " + e.Msg)
	}
	return err
}

// xmlHolds tells whether a rendered body has the structure of its template.
func xmlHolds(shape []string, body []byte) bool {
	got, err := xmlShape(body)
	return err == nil && slices.Equal(shape, got)
}
