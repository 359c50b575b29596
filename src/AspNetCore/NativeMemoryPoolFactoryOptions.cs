using System;

namespace NativeHeap.AspNetCore;

/// <summary>What the server's pools are to be like. Read once, when the server starts.</summary>
/// <remarks>Values are checked then, by <see cref="NativeMemoryPoolOptions"/>, whose properties of the same names say what each is.</remarks>
public sealed class NativeMemoryPoolFactoryOptions
{
    /// <summary>
    /// Where the buffers are. <see cref="BufferBacking.PinnedObjectHeap"/> unless set: Kestrel's sockets take nothing but arrays when they send more than one buffer at once, so that with
    /// <see cref="BufferBacking.Native"/> responses fail that lie in two buffers, all long ones and by chance a short one, and their connections are reset.
    /// </summary>
    public BufferBacking Backing { get; set; } = BufferBacking.PinnedObjectHeap;

    /// <summary>The heap that native buffers come from; null for <see cref="NativeHeap.Heap.Shared"/>. Only with <see cref="BufferBacking.Native"/>.</summary>
    public Heap? Heap { get; set; }

    /// <summary>
    /// The most that the buffers of a pool may take, in bytes; null, as it is at first, for no limit. Of each pool: Kestrel's sockets have one an endpoint and I/O queue (<c>SocketTransportOptions.IOQueueCount</c>).
    /// A connection whose next buffer would pass the limit is aborted; the others go on.
    /// </summary>
    /// <remarks>
    /// In HTTP/2 Kestrel rents a buffer to tell the client that a connection ends. Where the limit refuses that as well, it tells the connection's requests nothing, and their buffers stay rented (seen with
    /// ASP.NET Core 10.0): keep the limit well above what requests may hold, which <c>KestrelServerLimits.MaxRequestBufferSize</c> and <c>Http2Limits.InitialConnectionWindowSize</c> bound.
    /// </remarks>
    public long? MaximumBytes { get; set; }

    /// <summary>How long buffers stay in a pool that nobody needs: ten seconds unless set.</summary>
    public TimeSpan IdleTime { get; set; } = new NativeMemoryPoolOptions().IdleTime;

    /// <summary>Whether buffers are overwritten with zeros when they are returned. Not unless set.</summary>
    public bool ClearOnReturn { get; set; }

    /// <summary>How closely returns are checked; null for what the process is set to.</summary>
    public CheckLevel? Check { get; set; }

    /// <summary>The pools' name in errors, statistics and metrics; null, as it is at first, for that of the pool's owner, which is <c>kestrel</c> for Kestrel's.</summary>
    public string? Name { get; set; }

    /// <summary>The options of one pool.</summary>
    internal NativeMemoryPoolOptions ForOwner(string? owner) =>
        Heap != null && Backing != BufferBacking.Native
            ? throw new InvalidOperationException($"{nameof(NativeMemoryPoolFactoryOptions)}.{nameof(Heap)} is set, but {nameof(Backing)} is {Backing}, whose buffers come from no heap. Set {nameof(Backing)} to {BufferBacking.Native}, or no heap.")
            : new NativeMemoryPoolOptions
            {
                Backing = Backing,
                Heap = Heap,
                MaximumBytes = MaximumBytes,
                IdleTime = IdleTime,
                ClearOnReturn = ClearOnReturn,
                Check = Check,
                Name = Name ?? owner,
            };
}
