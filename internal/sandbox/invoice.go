package sandbox

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
)

var invoiceForm = regexp.MustCompile(`^INV[0-9]{4,10}$`)

// invoice gives an invoice as a PDF or as a picture. Every number of the form INV0000001 exists.
func (v *vendor) invoice(w http.ResponseWriter, r *http.Request) {
	if !v.bearer(w, r) {
		return
	}
	ending := path.Ext(r.PathValue("file"))
	name := strings.TrimSuffix(r.PathValue("file"), ending)
	if !invoiceForm.MatchString(name) {
		answer(w, http.StatusNotFound, object{"error": object{"code": "not_found", "message": "There is no invoice " + strconv.Quote(name) + "."}})
		return
	}
	body, kind, err := render(name, ending)
	switch {
	case err != nil:
		answer(w, http.StatusNotFound, object{"error": object{"code": "no_format", "message": "Invoices come as .pdf, .png and .jpg."}})
		return
	case faultOf(r) == "broken_pdf":
		body = []byte("ERROR 1042: the report " + name + " could not be rendered\n")
	case faultOf(r) == "empty" || faultOf(r) == "null":
		body = nil
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func render(name, ending string) (body []byte, kind string, err error) {
	var b bytes.Buffer
	switch ending {
	case ".pdf":
		writePDF(&b, invoiceLines(name))
		return b.Bytes(), "application/pdf", nil
	case ".png":
		err = png.Encode(&b, picture(name))
		return b.Bytes(), "image/png", err
	case ".jpg", ".jpeg":
		err = jpeg.Encode(&b, picture(name), &jpeg.Options{Quality: 85})
		return b.Bytes(), "image/jpeg", err
	}
	return nil, "", fmt.Errorf("there is no format %q", ending)
}

// invoiceLines are what stands on the invoice. The amounts follow from the number, so that one number always
// gives the same bytes.
func invoiceLines(name string) []string {
	n, _ := strconv.Atoi(name[3:])
	hours, seats := n%7+1, n%23+5
	support, licences := hours*9500, seats*1250
	money := func(cents int) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }
	return []string{
		"Harbour IT Services (sandbox)", "",
		"Invoice " + name, "Customer: Harbour Bakery", "Date: 15 January 2026", "",
		fmt.Sprintf("%-32s %12s", fmt.Sprintf("Support, %d hours", hours), money(support)),
		fmt.Sprintf("%-32s %12s", fmt.Sprintf("Mail licences, %d seats", seats), money(licences)),
		strings.Repeat("-", 45),
		fmt.Sprintf("%-32s %12s", "Total", money(support+licences)), "",
		"This invoice is not real.",
	}
}

// writePDF writes one page of text lines as a PDF 1.4 file with a correct cross-reference table.
func writePDF(w io.Writer, lines []string) {
	var content bytes.Buffer
	content.WriteString("BT\n/F1 12 Tf\n16 TL\n72 770 Td\n")
	for _, line := range lines {
		escaped := strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`).Replace(line)
		fmt.Fprintf(&content, "(%s) Tj T*\n", escaped)
	}
	content.WriteString("ET\n")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%sendstream", content.Len(), content.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
	}
	var out bytes.Buffer
	out.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	_, _ = w.Write(out.Bytes())
}
