package response

import (
	"bytes"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"

	"tieline/internal/run"
)

// AcceptDocument judges the beginning of an answer before anything of it is passed on: the status, and that
// the first bytes are those of a PDF, PNG or JPEG. first should hold at least 512 bytes, or the whole body where it
// is shorter.
func AcceptDocument(x run.Exchange, first []byte, asked Asked) (Document, *run.Failure) {
	if x.Response == nil {
		_, f := Read(x, asked)
		return Document{}, f
	}
	answer := *x.Response
	answer.Body = first
	x.Response = &answer
	r := newReader(x, asked)
	r.decode()
	if f := r.judgeStatus(); f != nil {
		return Document{}, f
	}
	if f := r.proveDocument(); f != nil {
		return Document{}, f
	}
	return r.out.Document, nil
}

// judgeDocument holds a whole answer against the document contract.
func (r *reader) judgeDocument() *run.Failure {
	if f := r.proveDocument(); f != nil {
		return f
	}
	if !r.answer.Complete {
		f := r.brokeOff()
		f.Cause = run.NotDocument
		f.Evidence = "The file ended before it was whole: " + r.received()
		f.Hint = "The vendor's file was cut short. Try again; if it keeps happening, tell the vendor the time of this call."
		return f
	}
	if !r.answer.Truncated && r.out.Document.Type == "application/pdf" && !bytes.Contains(r.answer.Body, []byte("%%EOF")) {
		r.warn("The PDF has no end mark (%%EOF); it may be damaged or cut short at the vendor.")
	}
	if r.declared != "" && r.declared != r.out.Document.Type && r.declared != "application/octet-stream" && r.declared != "image/jpg" && r.declared != "application/x-pdf" {
		r.warn("The vendor calls the file " + clip(r.declared, 60) + ", but its bytes are " + r.out.Document.Type + ".")
	}
	r.out.Note = thousands(r.answer.Size) + " bytes of " + r.out.Document.Type
	return nil
}

// base64File is how a PDF, PNG or JPEG begins in base64, perhaps as a data URL.
var base64File = regexp.MustCompile(`^\s*"?(data:[a-z/+.-]{0,60};base64,)?(JVBERi0|iVBORw0KGgo|/9j/)`)

// part tells whether the vendor sent a part of the file that nobody asked for.
func (r *reader) part() bool {
	return r.answer.Status == http.StatusPartialContent && r.sentRaw("Range") == ""
}

// proveDocument goes by the first bytes alone.
func (r *reader) proveDocument() *run.Failure {
	if t, ok := Sniff(r.answer.Body); ok && r.part() {
		return &run.Failure{
			Cause: run.NotDocument, Summary: "expected a PDF, PNG or JPEG, got a part of the file",
			Evidence: sentence(statusName(r.answer.Status) + " with Content-Range " + quote(clip(r.hide(r.answer.Header("Content-Range")), 60)) + ": the beginning of " + t),
			Hint:     "The vendor sent a part of the file though the whole was asked for. Ask the vendor how to get it at once.",
		}
	} else if ok {
		r.out.Document = Document{Type: t, Name: r.fileName()}
		return nil
	}
	if len(bytes.TrimSpace(r.answer.Body)) == 0 {
		return &run.Failure{
			Cause: run.NotDocument, Summary: "expected a PDF, PNG or JPEG, got an empty answer",
			Evidence: statusName(r.answer.Status) + " with " + plural(int(r.answer.Size), "byte") + " of body.",
			Hint:     "The vendor has no file for this record, or makes it later. Open the record at the vendor.",
		}
	}
	got := r.real()
	if got == "application/pdf" || got == "image/png" || got == "image/jpeg" {
		got = kindOfText(r.text) // so called, but the bytes are not
	}
	f := &run.Failure{Cause: run.NotDocument, Summary: "expected a PDF, PNG or JPEG, got " + got}
	if r.declared != "" && family(r.declared) != family(got) {
		f.Evidence = "The vendor calls it " + clip(r.declared, 60) + ". "
	}
	at := bytes.Index(r.answer.Body[:min(len(r.answer.Body), 1024)], []byte("%PDF-"))
	switch is := family(got); {
	case at > 0:
		f.Summary = "expected a PDF, PNG or JPEG, got " + plural(at, "byte") + " of something else before the PDF"
		f.Evidence += "%PDF- stands at byte " + thousands(int64(at)) + " instead of 0; before it: " + quote(clip(r.asked.Hide.Cut(r.answer.Body, 0, at), 120)) + "."
		f.Hint = "The vendor's program writes something before the file, often blank lines or a warning. Send the vendor the evidence above."
	case is == "html":
		f.Evidence += "It is a web page without a title."
		if name := title(r.text); name != "" {
			f.Evidence = strings.TrimSuffix(f.Evidence, "It is a web page without a title.") + "It is a web page with the title " + quote(clip(r.hide(name), 120)) + "."
		}
		f.Hint = "The address answers with a page for people instead of the file. Use the vendor's API address of the file itself."
		if why := loginPage(r.text); why != "" {
			f.Evidence += " " + sentence(why+r.chain())
			f.Hint = "Not signed in at the vendor: it shows a sign-in page instead of the file. Check the integrator's credentials and use the vendor's API address."
		}
	case got == "image/svg+xml":
		f.Evidence += "It begins: " + quote(r.head(100))
		f.Hint = "An SVG is a program that draws, so it is not shown. Ask the vendor for a PDF, PNG or JPEG, often by an Accept header or a format parameter."
	case is == "json", is == "xml":
		f.Evidence += "It begins: " + quote(r.head(100))
		f.Hint = "The vendor answers data instead of the file. " + r.fileHint()
	case base64File.MatchString(r.text[:min(len(r.text), 200)]):
		f.Summary = "expected a PDF, PNG or JPEG, got the file as base64 text"
		f.Evidence += "It begins: " + quote(r.head(40))
		f.Hint = "The vendor sends the file encoded as base64. Ask for the raw file, often by an Accept header such as application/pdf."
	default:
		f.Evidence += "It begins: " + quote(r.head(80))
		f.Hint = "Only PDF, PNG and JPEG can be shown. Ask the vendor for one of them, often by an Accept header or a format parameter."
		switch got {
		case "application/gzip":
			f.Hint = "The file is compressed although the vendor does not say so. Ask the vendor to send it plain."
		case "application/zip":
			f.Hint = "A ZIP came; the file may be packed in it. Ask the vendor for the file itself."
		}
	}
	return f
}

// fileHint says what to do about data that came instead of a file.
func (r *reader) fileHint() string {
	if said := r.vendorMessage(); said != "" {
		return "It says: " + quote(clip(said, 120)) + "."
	}
	if strings.Contains(r.text, "JVBERi0") {
		return "The file seems to stand inside as base64; ask the vendor for an address that gives the file itself."
	}
	if strings.Contains(r.text, "http") {
		return "It may hold the address of the file; use that address in the endpoint."
	}
	return "Use the vendor's address of the file itself, or send an Accept header such as application/pdf."
}

// fileName is the vendor's name for the file, without folders and signs that do harm, at most 100 characters.
func (r *reader) fileName() string {
	_, params, err := mime.ParseMediaType(r.answer.Header("Content-Disposition"))
	if err != nil {
		return ""
	}
	name := path.Base(strings.ReplaceAll(params["filename"], `\`, "/"))
	name = strings.Map(func(c rune) rune {
		if c < 0x20 || c == 0x7f || strings.ContainsRune(`"<>|:*?/\`, c) || c == '\u202e' || c == '\uFFFD' {
			return -1
		}
		return c
	}, name)
	if name = strings.TrimSpace(name); name == "." || name == ".." {
		return ""
	}
	return strings.TrimSuffix(clip(name, 100), "…")
}
