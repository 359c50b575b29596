using System.IO;

namespace SideBySide;

/// <summary>A line that says how far the program is, written over itself; nothing, if it is not to be shown.</summary>
internal sealed class Progress(TextWriter output, bool isShown)
{
    private const int Width = 48;

    public void Show(string line) => Write("\r" + line.PadRight(Width));

    public void Clear() => Write("\r" + new string(' ', Width) + "\r");

    private void Write(string text)
    {
        if (isShown)
        {
            output.Write(text);
        }
    }
}
