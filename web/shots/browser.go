package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium that is signed in. Its methods take the context that newBrowser gives: chromedp
// keeps the tab in it.
type browser struct {
	base string
	end  []func()
}

// newBrowser starts one; it talks to nobody but the portal.
func newBrowser(ctx context.Context, base string) (context.Context, *browser, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, nil, errors.New("chromium is not installed: make deps")
	}
	profile, err := os.MkdirTemp("", "tieline-chromium-")
	if err != nil {
		return nil, nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	allocator, endAllocator := chromedp.NewExecAllocator(ctx, options...)
	tab, endTab := chromedp.NewContext(allocator)
	b := &browser{base: base, end: []func(){endTab, endAllocator, func() { _ = os.RemoveAll(profile) }}}
	if err := chromedp.Do(tab); err != nil {
		b.close()
		return nil, nil, err
	}
	return tab, b, nil
}

func (b *browser) close() {
	for _, end := range b.end {
		end()
	}
}

// shot is one page: where it is, what to do there before the picture, and what to wait for.
type shot struct {
	name   string
	path   string
	script string // run before the picture
	wait   string // an element that must be there
	clip   bool   // only the window, for dialogs
}

// take writes one picture.
func (b *browser) take(tab context.Context, s shot, l look, file string) error {
	ctx, cancel := context.WithTimeout(tab, 40*time.Second)
	defer cancel()
	if err := b.set(ctx, l); err != nil {
		return err
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(b.base+s.path)); err != nil {
		return err
	}
	if s.script != "" {
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](s.script+";true")); err != nil {
			return err
		}
	}
	if s.wait != "" {
		if err := chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(s.wait))); err != nil {
			return err
		}
	}
	if !s.clip {
		if err := b.grow(ctx, l); err != nil {
			return err
		}
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Clean(file), png, 0o600)
}

// grow makes the window as high as the page, so that what sticks to its edges stands where it belongs.
func (b *browser) grow(ctx context.Context, l look) error {
	height, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("Math.ceil(document.documentElement.scrollHeight)"))
	if err != nil {
		return err
	}
	return window(ctx, l.width, max(height, 900))
}

func window(ctx context.Context, width, height int64) error {
	_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride,
		emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600})
	return err
}

// set gives the window a width and says which colours its person prefers.
func (b *browser) set(ctx context.Context, l look) error {
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	if err := window(ctx, l.width, 900); err != nil {
		return err
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	return err
}
