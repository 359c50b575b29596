// Takes the fields of one comma-separated line, from left to right, and remembers the first thing that is wrong.
//
// A reader of a format asks for all its fields in a row and looks at Problem once, at the end: after the first problem every
// value is 0 and means nothing. Text is made only for a problem; a good line costs no allocation.

using System;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace OrderBook.Feed;

internal ref struct FieldReader(ReadOnlySpan<byte> line)
{
    private const int QuotedLength = 24;

    private ReadOnlySpan<byte> _rest = line;

    /// <summary>What is wrong with the line; null as long as nothing is.</summary>
    public string? Problem { get; private set; }

    public static int CountFields(ReadOnlySpan<byte> line) => line.Count((byte)',') + 1;

    public static string Quote(ReadOnlySpan<byte> text)
    {
        StringBuilder quoted = new("'");
        foreach (byte value in text[..Math.Min(text.Length, QuotedLength)])
        {
            quoted.Append(value is >= 0x20 and < 0x7F ? (char)value : '?');
        }

        return quoted.Append(text.Length > QuotedLength ? "...'" : "'").ToString();
    }

    public void Fail(string problem) => Problem ??= problem;

    public ReadOnlySpan<byte> Text()
    {
        int comma = _rest.IndexOf((byte)',');
        ReadOnlySpan<byte> field = comma < 0 ? _rest : _rest[..comma];
        _rest = comma < 0 ? default : _rest[(comma + 1)..];
        return field;
    }

    /// <summary>A field of exactly one character; 0 when there is a problem.</summary>
    public char Letter(string name, string oneOf)
    {
        ReadOnlySpan<byte> field = Text();
        if (field.Length == 1 && oneOf.Contains((char)field[0], StringComparison.Ordinal))
        {
            return (char)field[0];
        }

        Fail($"{name} {Quote(field)} is none of {string.Join(", ", oneOf.ToCharArray())}");
        return '\0';
    }

    public long Integer(string name, long min, long max)
    {
        ReadOnlySpan<byte> field = Text();
        if (!Utf8Parser.TryParse(field, out long value, out int consumed) || consumed != field.Length)
        {
            Fail(field.IsEmpty ? $"{name} is missing" : $"{name} {Quote(field)} is not a whole number");
            return 0;
        }

        if (value < min)
        {
            Fail(value < 0 ? Invariant($"{name} {value} is negative") : Invariant($"{name} is {value}"));
            return 0;
        }

        if (value > max)
        {
            Fail(Invariant($"{name} {value} is over {max}"));
            return 0;
        }

        return value;
    }

    /// <summary>Seconds after midnight with decimals, as whole milliseconds; what is finer is cut off.</summary>
    public int SecondsAsMilliseconds(string name)
    {
        ReadOnlySpan<byte> field = Text();
        int point = field.IndexOf((byte)'.');
        ReadOnlySpan<byte> whole = point < 0 ? field : field[..point];
        ReadOnlySpan<byte> decimals = point < 0 ? default : field[(point + 1)..];
        if (whole.Length is 0 or > 5
            || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || decimals.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            Fail($"{name} {Quote(field)} is not a number of seconds");
            return 0;
        }

        int milliseconds = 0;
        foreach (byte digit in whole)
        {
            milliseconds = (milliseconds * 10) + (digit - '0');
        }

        for (int i = 0; i < 3; i++)
        {
            milliseconds = (milliseconds * 10) + (i < decimals.Length ? decimals[i] - '0' : 0);
        }

        if (milliseconds >= 24 * 60 * 60 * 1000)
        {
            Fail($"{name} {Quote(field)} is past midnight");
            return 0;
        }

        return milliseconds;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
