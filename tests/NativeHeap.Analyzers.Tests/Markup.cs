// Sources with the expected diagnostics written into them: {|NH0001:Order|} says that NH0001 is reported on exactly the
// word Order. Marks nest; what is not marked must be silent.

using System;
using System.Collections.Generic;
using System.Text;

using Microsoft.CodeAnalysis.Text;

namespace NativeHeap.Analyzers.Tests;

/// <summary>A diagnostic, expected or found: comparable, and readable in a failure.</summary>
internal readonly record struct Finding(string Id, string File, TextSpan Span, string Text) : IComparable<Finding>
{
    public int CompareTo(Finding other)
    {
        int byFile = string.CompareOrdinal(File, other.File);
        int byPlace = Span.Start.CompareTo(other.Span.Start);
        return byFile != 0 ? byFile : byPlace != 0 ? byPlace : string.CompareOrdinal(Id, other.Id);
    }

    public override string ToString() => $"{Id} at {File}{Span} '{Text}'";
}

internal static class Markup
{
    public static string Parse(string file, string marked, List<Finding> expected)
    {
        StringBuilder source = new();
        Stack<(string Id, int Start)> open = new();
        for (int i = 0; i < marked.Length; i++)
        {
            if (marked.AsSpan(i).StartsWith("{|NH"))
            {
                int colon = marked.IndexOf(':', i);
                open.Push((marked[(i + 2)..colon], source.Length));
                i = colon;
            }
            else if (marked.AsSpan(i).StartsWith("|}") && open.Count > 0)
            {
                (string id, int start) = open.Pop();
                TextSpan span = TextSpan.FromBounds(start, source.Length);
                expected.Add(new Finding(id, file, span, source.ToString(start, span.Length)));
                i++;
            }
            else
            {
                source.Append(marked[i]);
            }
        }

        return source.ToString();
    }
}
