package mapping

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/itchyny/gojq"
)

// ProgramError is a program that cannot be read, or that failed on its input. Line and Column count from 1;
// Line is 0 where the place is not known.
type ProgramError struct {
	Line, Column int
	Message      string
}

// Error gives place and message.
func (e *ProgramError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("Line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// CheckProgram says what is wrong with a jq program, or gives nil. It runs nothing. The error is a *ProgramError.
func CheckProgram(source string) error {
	_, err := compileProgram(source)
	return err
}

// Program is a compiled jq program, without an environment, files, modules or further inputs.
type Program struct{ code *gojq.Code }

// CompileProgram reads a program.
func CompileProgram(source string) (*Program, error) {
	code, err := compileProgram(source)
	if err != nil {
		return nil, err
	}
	return &Program{code}, nil
}

func compileProgram(source string) (*gojq.Code, error) {
	query, err := gojq.Parse(source)
	if err != nil {
		return nil, parseError(source, err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, placed(source, "The program cannot be used: "+err.Error()+".", lastWord(err.Error()))
	}
	return code, nil
}

func parseError(source string, err error) error {
	e, ok := errors.AsType[*gojq.ParseError](err)
	if !ok {
		return &ProgramError{Message: "The program cannot be read: " + err.Error() + "."}
	}
	offset := min(max(e.Offset-len(e.Token), 0), len(source))
	return at(source, offset, "The program cannot be read here: "+e.Error()+".")
}

// placed puts a message at the first place where a word stands, where it can be found.
func placed(source, message, word string) error {
	if i := strings.Index(source, word); word != "" && i >= 0 {
		return at(source, i, message)
	}
	return &ProgramError{Message: message}
}

// lastWord is the name at the end of a compiler's message, such as foo of "function not defined: foo/0".
func lastWord(message string) string {
	_, name, _ := strings.Cut(message, ": ")
	name, _, _ = strings.Cut(name, "/")
	return name
}

func at(source string, offset int, message string) error {
	before := source[:offset]
	return &ProgramError{
		Line: strings.Count(before, "\n") + 1, Column: len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1, Message: message,
	}
}

// ErrOutput is a program that makes more than MaxBytes.
var ErrOutput = errors.New("the program makes more than 2 MiB")

// Run gives one JSON text for everything that the program makes of an input: nothing for no output, one value
// as it is, several as a list. It must run where memory and time are bounded from outside.
func (p *Program) Run(ctx context.Context, input []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(input))
	decoder.UseNumber()
	var data any
	if err := decoder.Decode(&data); err != nil {
		return nil, &ProgramError{Message: "the input is not JSON"}
	}
	var out []byte
	count := 0
	for results := p.code.RunWithContext(ctx, data); ; count++ {
		result, ok := results.Next()
		if !ok {
			break
		}
		if err, failed := result.(error); failed {
			if halt, ok := errors.AsType[*gojq.HaltError](err); ok && halt.Value() == nil {
				break
			}
			return nil, &ProgramError{Message: err.Error()}
		}
		text, err := gojq.Marshal(result)
		if err != nil {
			return nil, &ProgramError{Message: err.Error()}
		}
		if out = append(append(out, text...), ','); len(out) > MaxBytes {
			return nil, ErrOutput
		}
	}
	switch count {
	case 0:
		return nil, nil
	case 1:
		return out[:len(out)-1], nil
	}
	out[len(out)-1] = ']'
	return append([]byte{'['}, out...), nil
}
