package response

import (
	"bytes"
	"mime"
	"path"
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

// proveDocument goes by the first bytes alone.
func (r *reader) proveDocument() *run.Failure {
	if t, ok := Sniff(r.answer.Body); ok {
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
	switch is := family(got); {
	case is == "html":
		f.Evidence += sentence("it is a web page with the title " + quote(clip(r.hide(title(r.text)), 120)))
		f.Hint = "The address answers with a page for people instead of the file. Use the vendor's API address of the file itself."
		if why := loginPage(r.text); why != "" {
			f.Evidence += sentence(" " + why + r.chain())
			f.Hint = "Not signed in at the vendor: it shows a sign-in page instead of the file. Check the integrator's credentials and use the vendor's API address."
		}
	case is == "json", is == "xml":
		f.Evidence += "It begins: " + quote(r.head(100))
		f.Hint = "The vendor answers data instead of the file. " + r.fileHint()
	case bytes.Contains(r.answer.Body[:min(len(r.answer.Body), 1024)], []byte("%PDF-")):
		at := bytes.Index(r.answer.Body, []byte("%PDF-"))
		f.Summary = "expected a PDF, PNG or JPEG, got " + plural(at, "byte") + " of something else before the PDF"
		f.Evidence += "%PDF- stands at byte " + thousands(int64(at)) + " instead of 0; before it: " + quote(clip(r.asked.Hide.Cut(r.answer.Body, 0, at), 60)) + "."
		f.Hint = "The vendor's program writes something before the file, often blank lines or a warning. Send the vendor the evidence above."
	case strings.HasPrefix(strings.TrimSpace(r.text), "JVBERi0"), strings.HasPrefix(strings.TrimSpace(r.text), "iVBORw0KGgo"):
		f.Summary = "expected a PDF, PNG or JPEG, got the file as base64 text"
		f.Evidence += "It begins: " + quote(r.head(40))
		f.Hint = "The vendor sends the file encoded as base64. Ask for the raw file, often by an Accept header such as application/pdf."
	default:
		f.Evidence += "It begins: " + quote(r.head(80))
		f.Hint = "Only PDF, PNG and JPEG can be shown. Ask the vendor for one of them, often by an Accept header or a format parameter."
		if got == "application/gzip" {
			f.Hint = "The file is compressed although the vendor does not say so. Ask the vendor to send it plain."
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
