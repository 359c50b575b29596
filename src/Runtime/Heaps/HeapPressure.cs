namespace NativeHeap;

/// <summary>What a handler is told when a soft limit has been passed: <see cref="HeapOptions.OnPressure"/>, <see cref="ProcessLimits.OnPressure"/>.</summary>
public readonly record struct HeapPressure
{
    /// <summary>The heap whose limit it is; null if it is the process's.</summary>
    public Heap? Heap { get; init; }

    /// <summary>What is in use, in bytes.</summary>
    public long UsedBytes { get; init; }

    /// <summary>The soft limit that was passed, in bytes; the maximum where there is no other.</summary>
    public long LimitBytes { get; init; }

    /// <summary>
    /// What the calling thread has asked for and could not be given, in bytes: it is tried once more when the handler returns. 0 if its request has been granted, which <see cref="UsedBytes"/> includes.
    /// </summary>
    public long RefusedBytes { get; init; }
}
