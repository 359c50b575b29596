// Gives each symbol of a feed a number in the order of appearance, so that an event holds two bytes instead of a string.
//
// One lookup by span a line, and no string but for a new symbol. A line asks for its symbol's number last, when nothing else is
// wrong with it: a broken line brings no symbol into being.

using System;
using System.Collections.Generic;

namespace OrderBook.Feed;

internal sealed class SymbolTable
{
    public const int MaxLength = 16;

    private readonly List<string> _names = [];
    private readonly Dictionary<string, ushort> _numbers = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Names => _names;

    public ushort Add(string name)
    {
        ushort number = (ushort)_names.Count;
        _numbers.Add(name, number);
        _names.Add(name);
        return number;
    }

    public bool TryGetNumber(ReadOnlySpan<byte> symbol, out ushort number, out string? problem)
    {
        number = 0;
        problem = null;
        if (symbol.Length is 0 or > MaxLength || symbol.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            problem = symbol.IsEmpty
                ? "symbol is missing"
                : $"symbol {FieldReader.Quote(symbol)} is not 1 to {MaxLength} printable characters";
            return false;
        }

        Span<char> name = stackalloc char[MaxLength];
        for (int i = 0; i < symbol.Length; i++)
        {
            name[i] = (char)symbol[i];
        }

        name = name[..symbol.Length];
        if (_numbers.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out number))
        {
            return true;
        }

        if (_names.Count == FeedEvent.MaxSymbols)
        {
            problem = $"symbol {name} is one more than {FeedEvent.MaxSymbols} symbols";
            return false;
        }

        number = Add(name.ToString());
        return true;
    }
}
