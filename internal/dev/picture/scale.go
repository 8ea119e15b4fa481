package picture

import (
	"math"
	"strconv"
)

// Log is a logarithmic axis: a value of least is at from, and one of most at to.
type Log struct{ least, most, from, to float64 }

// NewLog returns an axis of whole powers of ten that all the values are on.
func NewLog(least, most, from, to float64) Log {
	return Log{
		math.Pow(10, math.Floor(math.Log10(least)+1e-9)), math.Pow(10, math.Ceil(math.Log10(most)-1e-9)), from, to,
	}
}

// At returns where a value is.
func (l Log) At(value float64) float64 {
	return l.from + (l.to-l.from)*math.Log10(value/l.least)/math.Log10(l.most/l.least)
}

// Powers returns the powers of ten on the axis.
func (l Log) Powers() (all []float64) {
	for power := l.least; power <= l.most*1.001; power *= 10 {
		all = append(all, power)
	}
	return all
}

// Tick writes a power of ten in few characters.
func Tick(power float64) string {
	switch {
	case power >= 1e6:
		return Grouped(power/1e6, 0) + " M"
	case power < 1:
		return strconv.FormatFloat(power, 'f', -1, 64)
	}
	return Grouped(power, 0)
}

// Grouped writes a number with commas between thousands, and with as many decimals.
func Grouped(value float64, decimals int) string {
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	whole := len(text)
	if decimals > 0 {
		whole -= decimals + 1
	}
	for i := whole - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
