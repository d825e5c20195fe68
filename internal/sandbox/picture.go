package sandbox

import (
	"image"
	"image/color"
	"image/draw"
)

// segments are the lit bars of a seven-segment digit: top, upper left, upper right, middle, lower left, lower
// right, bottom.
var segments = [10]string{"1110111", "0010010", "1011101", "1011011", "0111010", "1101011", "1101111", "1010010", "1111111", "1111011"}

const (
	digitWidth  = 36
	digitHeight = 64
	bar         = 6
	margin      = 24
)

// picture draws the digits of an invoice number on a white page with a grey frame.
func picture(name string) image.Image {
	number := digits(name)
	img := image.NewRGBA(image.Rect(0, 0, 2*margin+len(number)*(digitWidth+bar), 2*margin+digitHeight))
	fill := func(r image.Rectangle, c color.Color) {
		draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
	}
	fill(img.Bounds(), color.Gray{0xcc})
	fill(img.Bounds().Inset(4), color.White)
	for i, d := range number {
		at := image.Pt(margin+i*(digitWidth+bar), margin)
		for s, r := range bars() {
			if segments[d-'0'][s] == '1' {
				fill(r.Add(at), color.Gray{0x22})
			}
		}
	}
	return img
}

func bars() [7]image.Rectangle {
	w, h, m := digitWidth, digitHeight, digitHeight/2
	return [7]image.Rectangle{
		image.Rect(bar, 0, w-bar, bar),
		image.Rect(0, bar, bar, m-bar/2),
		image.Rect(w-bar, bar, w, m-bar/2),
		image.Rect(bar, m-bar/2, w-bar, m+bar/2),
		image.Rect(0, m+bar/2, bar, h-bar),
		image.Rect(w-bar, m+bar/2, w, h-bar),
		image.Rect(bar, h-bar, w-bar, h),
	}
}
