using System;

namespace NativeHeap;

/// <summary>
/// An object was freed wrongly: twice, as another type, or with another heap. Thrown by the call that found it, which need not be
/// the one that did it, but is in a heap that is checked (<see cref="HeapOptions.Check"/>); the wrong free has been ignored, and the heap can be used on.
/// </summary>
public sealed class HeapCorruptionException : Exception
{
    /// <summary>Makes an exception without an address.</summary>
    public HeapCorruptionException()
        : this("An object was freed wrongly.")
    {
    }

    /// <summary>Makes an exception with a message.</summary>
    /// <param name="message">What happened.</param>
    public HeapCorruptionException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception with a message and a cause.</summary>
    /// <param name="message">What happened.</param>
    /// <param name="innerException">The cause.</param>
    public HeapCorruptionException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal HeapCorruptionException(nint address, string message)
        : base(message) => Address = address;

    /// <summary>The address that was freed wrongly; 0 if unknown.</summary>
    public nint Address { get; }
}
