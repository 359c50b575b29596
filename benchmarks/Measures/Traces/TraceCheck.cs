// What the format promises of a trace's events, and of the header's figures about them (Recording/TraceFormat.cs in the runtime has both). A replay follows the events blindly,
// so that one which breaks a promise must not come so far.

using System.IO;

using NativeHeap.Recording;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal static unsafe class TraceCheck
{
    private const int MaxAlignmentShift = 21;

    /// <summary>Looks at every event.</summary>
    /// <exception cref="InvalidDataException">A promise is broken; the message ends a sentence about the file.</exception>
    public static void Run(Trace trace)
    {
        bool[] live = new bool[trace.Slots];
        uint[] sizes = new uint[trace.Slots];
        TraceHeader found = default;
        ulong liveBytes = 0;
        uint liveSlots = 0;
        for (int i = 0; i < trace.Count; i++)
        {
            TraceEvent e = trace.Events[i];
            CheckFields(trace, e, i);
            ref bool isLive = ref live[e.Slot];
            if (isLive != e.Op is TraceOp.Free or TraceOp.Realloc)
            {
                throw new InvalidDataException($"event {i} ({e.Op}) finds slot {e.Slot} {(isLive ? "taken" : "empty")}");
            }

            if (e.Thread > found.Threads)
            {
                throw new InvalidDataException($"event {i} is by thread {e.Thread}, before any by thread {found.Threads}");
            }

            liveSlots += e.Op == TraceOp.Free ? uint.MaxValue : isLive ? 0u : 1u;
            isLive = e.Op != TraceOp.Free;
            liveBytes += (ulong)e.Size - sizes[e.Slot];
            sizes[e.Slot] = e.Size;
            found.Threads = uint.Max(found.Threads, e.Thread + 1u);
            found.Slots = uint.Max(found.Slots, liveSlots);
            found.PeakLiveBytes = ulong.Max(found.PeakLiveBytes, liveBytes);
            found.TotalBytes += e.Size;
        }

        CheckFigure("threads", trace.Header.Threads, found.Threads);
        CheckFigure("slots", trace.Header.Slots, found.Slots);
        CheckFigure("peak live bytes", trace.Header.PeakLiveBytes, found.PeakLiveBytes);
        CheckFigure("total bytes", trace.Header.TotalBytes, found.TotalBytes);
    }

    private static void CheckFields(Trace trace, TraceEvent e, int index)
    {
        if (e.Slot >= (uint)trace.Slots || e.Thread >= trace.Threads || e.Op is 0 or > TraceOp.Realloc || e.AlignmentShift > MaxAlignmentShift)
        {
            throw new InvalidDataException($"event {index} has operation {(int)e.Op}, alignment 2^{e.AlignmentShift}, thread {e.Thread}, slot {e.Slot}");
        }

        if (e.AlignmentShift != 0 && e.Op != TraceOp.AllocAligned)
        {
            throw new InvalidDataException($"event {index} ({e.Op}) has an alignment, of 2^{e.AlignmentShift}");
        }

        if (e.Size != 0 && e.Op == TraceOp.Free)
        {
            throw new InvalidDataException($"event {index} (Free) has a size, of {e.Size}");
        }
    }

    private static void CheckFigure(string name, ulong said, ulong found)
    {
        if (said != found)
        {
            throw new InvalidDataException($"its header speaks of {said} {name}, its events of {found}");
        }
    }
}
