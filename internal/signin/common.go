package signin

import (
	_ "embed"
	"strings"
)

//go:embed common.txt
var commonList string

// commonPasswords are much used passwords that are long enough to be taken otherwise, in lower case.
var commonPasswords = func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(commonList) {
		if word := strings.TrimSpace(line); word != "" && !strings.HasPrefix(word, "#") {
			set[word] = true
		}
	}
	return set
}()

// common tells whether a lower-case password is on the list, also with digits or signs put behind it.
func common(lower string) bool {
	return commonPasswords[lower] || commonPasswords[strings.TrimRight(lower, "0123456789!.?*#-_")]
}

// simple tells whether a password is one short piece over and over, or one run along the alphabet or the
// digits.
func simple(lower string) bool {
	for size := 1; size <= 4; size++ {
		if strings.Trim(strings.ReplaceAll(lower, lower[:size], ""), lower[:size]) == "" {
			return true
		}
	}
	for _, row := range []string{"01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba"} {
		if strings.Contains(row, lower) {
			return true
		}
	}
	return false
}
