// What has happened that should not have to: counted, and said in a line, as it happens.
//
// On the way of a message nothing is logged; what is logged is rare, and may allocate.

using System;
using System.Diagnostics;
using System.IO;
using System.Threading;

namespace Gateway.Faults;

internal enum Incident
{
    ConnectionTorn,
    MessageMalformed,
    SequenceGap,
    GaveUp,
    ConsumerSlow,
    ConsumerDied,
    ConsumerRestarted,
    ConsumerGivenUp,
    MemoryShort,
    SnapshotDiffers,
    RecordingFailed,
}

internal sealed class IncidentLog(TextWriter output)
{
    /// <summary>How many of a kind get a line of their own.</summary>
    private const int Named = 5;

    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[Enum.GetValues<Incident>().Length];
    private readonly long _start = Stopwatch.GetTimestamp();

    public long this[Incident kind] => Volatile.Read(ref _counts[(int)kind]);

    public static string Key(Incident kind)
    {
        string name = kind.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    public void Report(Incident kind, string what)
    {
        lock (_lock)
        {
            if (++_counts[(int)kind] > Named)
            {
                return;
            }

            what = _counts[(int)kind] < Named ? what : what + " (from now on only counted)";
            output.WriteLine(FormattableString.Invariant($"{Stopwatch.GetElapsedTime(_start).TotalSeconds:0.000} s: {what}"));
        }
    }
}
