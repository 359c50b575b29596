// A scope of a bump allocator, on the stack. What it hands out is bound to the scope's own variable by [UnscopedRef]: in safe code the compiler lets no reference and no span outlive it.
//
// That is sound only if nothing frees their memory before the scope ends, so while it is open the allocator refuses to, and allocation through an outer scope, whose spans would go with the inner
// one, is refused as well. One compare finds that, and every use of a scope that has ended, by whatever copy: serial numbers are never used twice.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace NativeHeap;

/// <summary>A stretch of allocation in a <see cref="BumpAllocator"/>, freed when the scope is disposed of: what <see cref="BumpAllocator.EnterScope"/> returns, meant for a <c>using</c> declaration.</summary>
/// <remarks>
/// A ref struct: references and spans that it hands out cannot outlive it in safe code. It can be passed on by <c>in</c>; a copy is the same scope, and disposing of both is an error. The thread that uses the allocator uses
/// it. Members throw <see cref="NullReferenceException"/> on the default value.
/// </remarks>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A ref struct: it cannot be boxed, and nobody compares two.")]
public unsafe ref struct BumpScope : IDisposable
{
    // Of a scope that has ended: no allocator's.
    private const ulong Ended = ulong.MaxValue;

    private readonly BumpAllocator _allocator;
    private readonly int _index;
    private ulong _serial;

    internal BumpScope(BumpAllocator allocator, ulong serial, int index)
    {
        _allocator = allocator;
        _serial = serial;
        _index = index;
    }

    // The allocator, if this is its innermost scope.
    private readonly BumpAllocator Open
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            BumpAllocator allocator = _allocator;
            if (allocator.Scope != _serial)
            {
                // Not a member: by reference to this the JIT would have to keep the scope in memory, and read it anew for each object.
                ThrowNotInnermost(allocator, _serial, _index);
            }

            return allocator;
        }
    }

    /// <summary>Allocates one uninitialised <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">A struct with generated stubs, whose requested alignment is kept.</typeparam>
    /// <returns>The object, valid until the scope ends.</returns>
    /// <exception cref="InvalidOperationException">The scope has ended, or another has begun in it and is open.</exception>
    /// <exception cref="OutOfMemoryException">The heap has no memory.</exception>
    [return: Borrowed]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref T Alloc<T>()
        where T : unmanaged, INativeAllocated<T>
        => ref *Open.Alloc<T>();

    /// <summary>Allocates one uninitialised <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="alignment">In bytes: a power of two, at most <see cref="Heap.MaxAlignment"/>; less than the fields of <typeparamref name="T"/> need counts as what they need.</param>
    /// <exception cref="ArgumentOutOfRangeException">The alignment is not a power of two or is over 2 MiB.</exception>
    /// <inheritdoc cref="Alloc{T}()" path="/returns|/exception"/>
    [return: Borrowed]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref T Alloc<T>(nuint alignment = 1)
        where T : unmanaged
        => ref *Open.Alloc<T>(alignment);

    /// <summary>Allocates one <typeparamref name="T"/> of zeroed memory.</summary>
    /// <inheritdoc cref="Alloc{T}()"/>
    [return: Borrowed]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref T AllocZeroed<T>()
        where T : unmanaged, INativeAllocated<T>
        => ref *Open.AllocZeroed<T>();

    /// <summary>Allocates one <typeparamref name="T"/> of zeroed memory.</summary>
    /// <inheritdoc cref="Alloc{T}(nuint)"/>
    [return: Borrowed]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ref T AllocZeroed<T>(nuint alignment = 1)
        where T : unmanaged
        => ref *Open.AllocZeroed<T>(alignment);

    /// <summary>Allocates an uninitialised span.</summary>
    /// <typeparam name="T">A struct with generated stubs; the requested alignment of its first item is kept.</typeparam>
    /// <param name="length">The number of items; for 0 the result is empty.</param>
    /// <returns>The span, valid until the scope ends.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or the size over 2^46 bytes.</exception>
    /// <inheritdoc cref="Alloc{T}()" path="/exception"/>
    [return: Borrowed]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Span<T> AllocSpan<T>(int length)
        where T : unmanaged, INativeAllocated<T>
        => Open.AllocSpan<T>(length);

    /// <summary>Allocates an uninitialised span.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="length">The number of items; for 0 the result is empty.</param>
    /// <param name="alignment">Of the first item, in bytes: a power of two, at most <see cref="Heap.MaxAlignment"/>; less than the fields of <typeparamref name="T"/> need counts as what they need.</param>
    /// <returns>The span, valid until the scope ends.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, the size over 2^46 bytes, or the alignment not a power of two or over 2 MiB.</exception>
    /// <inheritdoc cref="Alloc{T}()" path="/exception"/>
    [return: Borrowed]
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Span<T> AllocSpan<T>(int length, nuint alignment = 1)
        where T : unmanaged
        => Open.AllocSpan<T>(length, alignment);

    /// <summary>Allocates a span of zeros.</summary>
    /// <inheritdoc cref="AllocSpan{T}(int)"/>
    [return: Borrowed]
    [UnscopedRef]
    public readonly Span<T> AllocZeroedSpan<T>(int length)
        where T : unmanaged, INativeAllocated<T>
        => Open.AllocZeroedSpan<T>(length);

    /// <summary>Allocates a span of zeros.</summary>
    /// <inheritdoc cref="AllocSpan{T}(int, nuint)"/>
    [return: Borrowed]
    [UnscopedRef]
    public readonly Span<T> AllocZeroedSpan<T>(int length, nuint alignment = 1)
        where T : unmanaged
        => Open.AllocZeroedSpan<T>(length, alignment);

    /// <summary>Begins a scope inside of this one.</summary>
    /// <inheritdoc cref="BumpAllocator.EnterScope" path="/returns|/remarks"/>
    /// <inheritdoc cref="Alloc{T}()" path="/exception"/>
    public readonly BumpScope EnterScope() => Open.EnterScope();

    /// <summary>Frees all that was allocated in the scope. A second call on the same variable does nothing.</summary>
    /// <exception cref="InvalidOperationException">A scope that began in this one is open, or a copy of this one has ended it.</exception>
    [InvalidatesReferences]
    [SuppressMessage("Design", "CA1065:Do not raise exceptions in unexpected locations", Justification = "Ending a scope around another would free what the other's spans refer to.")]
    public void Dispose()
    {
        if (_serial != Ended)
        {
            _allocator.LeaveScope(_serial, _index);
            _serial = Ended;
        }
    }

    [DoesNotReturn]
    private static void ThrowNotInnermost(BumpAllocator allocator, ulong serial, int index) => throw allocator.ScopeError(serial, index);
}
