using System;
using System.Text;

namespace NativeHeap.Tests.Layers;

/// <summary>C# source text, as far as the order of the floors needs it understood.</summary>
internal static class SourceText
{
    /// <summary>The code of a file: comments, and what strings and characters hold, are blank. Line ends stay.</summary>
    public static string CodeOf(string source)
    {
        StringBuilder code = new(source.Length);
        int i = 0;
        while (i < source.Length)
        {
            int end = EndOfText(source, i);
            if (end == i)
            {
                _ = code.Append(source[i++]);
                continue;
            }

            for (; i < end; i++)
            {
                _ = code.Append(source[i] == '\n' ? '\n' : ' ');
            }
        }

        return code.ToString();
    }

    // Where the comment or literal that starts here ends; here, if none does. An interpolated string is a literal as a whole: its holes are
    // not looked into, and a quote in one ends it.
    private static int EndOfText(string source, int start)
    {
        ReadOnlySpan<char> rest = source.AsSpan(start);
        if (rest.StartsWith("//"))
        {
            int lineEnd = source.IndexOf('\n', start);
            return lineEnd < 0 ? source.Length : lineEnd;
        }

        if (rest.StartsWith("/*"))
        {
            return After(source, start + 2, "*/");
        }

        if (rest.StartsWith("\"\"\""))
        {
            return After(source, start + 3, "\"\"\"");
        }

        if (rest.StartsWith("@\""))
        {
            return After(source, start + 2, "\"");
        }

        return rest[0] is '"' or '\'' ? EndOfQuoted(source, start) : start;
    }

    private static int EndOfQuoted(string source, int start)
    {
        int i = start + 1;
        while (i < source.Length && source[i] != source[start])
        {
            i += source[i] == '\\' ? 2 : 1;
        }

        return int.Min(i + 1, source.Length);
    }

    private static int After(string source, int start, string mark)
    {
        int found = source.IndexOf(mark, start, StringComparison.Ordinal);
        return found < 0 ? source.Length : found + mark.Length;
    }
}
