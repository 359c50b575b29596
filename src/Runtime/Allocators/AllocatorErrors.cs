// The errors of this floor, in one place and one voice, as HeapErrors are of the floor below: what was asked, which value is wrong, what the way out is. Nothing
// here is reached but to throw.

using System;
using System.Globalization;

namespace NativeHeap.Allocators;

/// <summary>Makes the exceptions that users of the allocators see.</summary>
internal static class AllocatorErrors
{
    /// <summary>An allocator used after its disposal.</summary>
    public static ObjectDisposedException Disposed(string allocator) =>
        new(allocator, $"The {allocator} has been disposed of, and all that it allocated with it.");

    /// <summary>A chunk size out of range.</summary>
    public static ArgumentOutOfRangeException BadChunkSize(string parameter, int size, int least, int most) =>
        new(parameter, size, Text($"The chunk size of {size:N0} bytes is not a power of two from {least:N0} to {most:N0}."));

    /// <summary>A mark that this allocator did not make.</summary>
    public static ArgumentException ForeignMark(string parameter, bool isDefault) => new(
        isDefault
            ? "The mark is the default value, which is no allocator's. Rewind to what Mark returned."
            : "The mark is of another BumpAllocator. Rewind the allocator that made it.",
        parameter);

    /// <summary>A mark behind which the allocator has gone since.</summary>
    public static ArgumentException StaleMark(string parameter, bool wasReset) => new(
        wasReset
            ? "The mark is from before a Reset, which freed all that it could go back to. Make a new one."
            : "The mark is no longer valid: the allocator has gone back behind it since, to an earlier mark or by the end of the scope in which it was made. Make a new one.",
        parameter);

    /// <summary>Something that would free the memory of an open scope.</summary>
    public static InvalidOperationException ScopeOpen(string operation) => new(
        $"{operation} would free what an open scope has allocated. Dispose of the scope first: begin scopes by 'using BumpScope scope = allocator.EnterScope();'.");

    /// <summary>A scope used while it is not the innermost open one.</summary>
    public static InvalidOperationException ScopeNotInnermost(bool isOpen) => new(
        isOpen
            ? "Another scope has begun inside of this one and is open. Allocate by the inner one, or dispose of it first: scopes end in the reverse order of their beginning."
            : "The scope has ended, and all that was allocated in it is freed.");

    private static string Text(FormattableString message) => message.ToString(CultureInfo.InvariantCulture);
}
