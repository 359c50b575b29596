// What the game came to on one heap.

using SideBySide;

using Swarm.Engine;

namespace Swarm.Running;

internal sealed record HeapResult
{
    public required HeapKind Heap { get; init; }

    /// <summary>Frame times and collections are over so many frames, those after the warm-up.</summary>
    public required FrameTimes Times { get; init; }

    public required GameFigures Figures { get; init; }

    public required Collections Collections { get; init; }

    /// <summary>For how long collections stopped all threads in the measured frames, in milliseconds.</summary>
    public required double PauseMilliseconds { get; init; }

    /// <summary>Managed bytes, by all threads, in the measured frames.</summary>
    public required long AllocatedBytes { get; init; }

    /// <summary>Bytes of objects on the heap with two levels loaded, at the end of the last frame.</summary>
    public required long BytesBeforeUnload { get; init; }

    /// <summary>The same right after the levels have been unloaded.</summary>
    public required long BytesAfterUnload { get; init; }

    /// <summary>How long that took, in milliseconds.</summary>
    public required double UnloadMilliseconds { get; init; }
}
