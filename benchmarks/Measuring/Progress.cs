// Where a long run has got to, on one line of the terminal that is overwritten; nothing when stderr goes to a file.

using System;
using System.Diagnostics;
using System.Globalization;

namespace NativeHeap.Benchmarks.Measuring;

internal sealed class Progress(int steps)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _done;
    private int _width;

    public void Step(string what)
    {
        _done++;
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        Show(string.Create(CultureInfo.InvariantCulture, $"[{_done}/{steps}] {elapsed:m\\:ss} {what}"));
    }

    public void Clear()
    {
        Show(string.Empty);
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write('\r');
        }
    }

    private void Show(string text)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write("\r" + text.PadRight(_width));
            _width = text.Length;
        }
    }
}
