package token

import "strings"

// Nearest gives the candidate that a person most likely meant: the same letters in another case, the same
// without _ - and spaces, else the one with the fewest slips of the keyboard. It gives "" where nothing is near,
// and never the name itself.
func Nearest(name string, candidates []string) string {
	best, limit := "", len(name)/3
	if limit > 3 {
		limit = 3
	}
	if limit == 0 && len(name) > 1 {
		limit = 1
	}
	plain := squeeze(name)
	least := limit + 1
	for _, c := range candidates {
		if c == name || c == "" {
			continue
		}
		if strings.EqualFold(c, name) {
			return c
		}
		d := limit + 1
		if squeeze(c) == plain {
			d = 0
		} else if diff := len(c) - len(name); diff <= limit && -diff <= limit {
			d = distance(strings.ToLower(name), strings.ToLower(c))
		}
		if d < least {
			best, least = c, d
		}
	}
	return best
}

func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// distance counts insertions, deletions, replacements and swaps of neighbours.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	two, one, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(row[j-1]+1, one[j]+1, one[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		two, one, row = one, row, two
	}
	return one[len(y)]
}
