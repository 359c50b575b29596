using System;

using NativeHeap.Platform;

namespace NativeHeap.Recording;

/// <summary>Events that follow each other in a trace, on their way to its file.</summary>
internal unsafe struct EventBuffer
{
    private const int ByteCount = 256 * 1024;
    private const int EventsOffset = 32;

    /// <summary>How many events fit in.</summary>
    public static int Capacity => (ByteCount - EventsOffset) / sizeof(TraceEvent);

    /// <summary>The next of a list.</summary>
    public EventBuffer* Next;

    /// <summary>Where the first event belongs in the file, in bytes.</summary>
    public long Offset;

    /// <summary>The number of events.</summary>
    public int Count;

    /// <summary>The events.</summary>
    public TraceEvent* Events;

    /// <summary>What there is to be written.</summary>
    public readonly ReadOnlySpan<byte> Written => new(Events, Count * sizeof(TraceEvent));

    /// <summary>Makes a buffer.</summary>
    /// <returns>The buffer, or null when the system has no memory.</returns>
    public static EventBuffer* Create()
    {
        var buffer = (EventBuffer*)VirtualMemory.Alloc(ByteCount);
        if (buffer != null)
        {
            buffer->Events = (TraceEvent*)((byte*)buffer + EventsOffset);
        }

        return buffer;
    }

    /// <summary>Gives the memory of a list of buffers back.</summary>
    public static void Release(EventBuffer* first)
    {
        while (first != null)
        {
            EventBuffer* next = first->Next;
            _ = VirtualMemory.Free(first, ByteCount);
            first = next;
        }
    }
}
