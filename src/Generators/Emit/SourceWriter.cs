using System;
using System.Text;

namespace NativeHeap.Generators.Emit;

/// <summary>
/// Writes lines of source at the depth of the blocks that are open. A line ends in <c>\n</c> on every system: output is deterministic.
/// </summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;
    private bool _isFirst = true;

    /// <summary>Writes a line; an empty one without indentation.</summary>
    public void Line(string line = "")
    {
        if (line.Length != 0)
        {
            _text.Append(' ', _depth * 4).Append(line);
        }

        _text.Append('\n');
        _isFirst = false;
    }

    /// <summary>Sets a member off from the one before it, if there is one in the block.</summary>
    public void Separate()
    {
        if (!_isFirst)
        {
            Line();
        }
    }

    /// <summary>Opens a block after a line that introduces it; disposing the result closes it.</summary>
    public Block OpenBlock(string introduction)
    {
        Line(introduction);
        Line("{");
        _depth++;
        _isFirst = true;
        return new Block(this);
    }

    public override string ToString() => _text.ToString();

    /// <summary>An open block.</summary>
    public readonly struct Block(SourceWriter writer) : IDisposable
    {
        public void Dispose()
        {
            writer._depth--;
            writer.Line("}");
        }
    }
}
