// What a process has in memory, as the kernel counts it: another one's now, and its own at most since a moment of its choosing.
//
// Linux starts the peak anew when it is told so through clear_refs. Where that is refused (some containers) the peak is the process's, once it is
// higher than at the start, and until then the highest of the readings that somebody takes by Sample, often enough for the purpose.

using System;
using System.Globalization;
using System.IO;
using System.Linq;

namespace NativeHeap.Benchmarks.Measuring;

internal sealed class ResidentMemory
{
    private const string Status = "/proc/self/status";
    private const string NowLine = "VmRSS:";
    private const string PeakLine = "VmHWM:";

    // What the kernel takes for "start the peak of the resident set anew".
    private const string ResetPeak = "5\n";

    private readonly bool _kernelCounts;
    private readonly long _start;
    private readonly long _peakAtStart;
    private long _sampled;

    private ResidentMemory(bool kernelCounts)
    {
        _kernelCounts = kernelCounts;
        _start = Read(NowLine);
        _peakAtStart = Read(PeakLine);
        _sampled = _start;
    }

    /// <summary>Starts counting. What the counting itself needs has been allocated and compiled before it begins.</summary>
    public static ResidentMemory Start()
    {
        _ = new ResidentMemory(TryResetPeak()).PeakGrowth;
        return new(TryResetPeak());
    }

    /// <summary>Whether <see cref="Sample"/> has to be called for a figure to come out.</summary>
    public bool NeedsSamples => !_kernelCounts;

    /// <summary>In bytes, since the start.</summary>
    public long PeakGrowth
    {
        get
        {
            long peak = Read(PeakLine);
            return long.Max(0, (_kernelCounts || peak > _peakAtStart ? peak : long.Max(_sampled, Read(NowLine))) - _start);
        }
    }

    /// <summary>What a process has in memory now, in bytes: read from outside, which it does not notice.</summary>
    /// <exception cref="IOException">The process has ended.</exception>
    public static long Of(int process)
    {
        // Pages: of the address space, then those in memory.
        string text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/statm"));
        return long.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }

    public void Sample() => _sampled = long.Max(_sampled, Read(NowLine));

    private static bool TryResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", ResetPeak);

            // Some systems take the word and do nothing.
            return Read(PeakLine) - Read(NowLine) < 1 << 20;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Read(string key)
    {
        string line = File.ReadLines(Status).First(line => line.StartsWith(key, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(key.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) << 10;
    }
}
