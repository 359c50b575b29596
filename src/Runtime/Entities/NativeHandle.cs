// What a program keeps of an element instead of its address: eight bytes that know when the element is gone.
//
//     a handle is valid  <=>  its slot's generation is the handle's           generations of handles are odd; 0 is no generation, so that default is null
//
// Generations.cs says how they move on.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace NativeHeap;

/// <summary>Names an element of a <see cref="NativeTable{T}"/> for as long as it is there, and nothing afterwards: a slot's index and its generation, 32 bits each.</summary>
/// <typeparam name="T">The type of the element.</typeparam>
/// <remarks>
/// A value that may be copied, compared, sorted, stored in any struct, the element's own type included, and saved as a number. <c>default</c> is null and names nothing. Whether a handle still
/// names an element is for its table to say. Thread-safe, as it never changes.
/// </remarks>
public readonly struct NativeHandle<T> : IEquatable<NativeHandle<T>>, IComparable<NativeHandle<T>>, IComparable, ISpanFormattable
    where T : unmanaged
{
    private readonly uint _index;
    private readonly uint _generation;

    internal NativeHandle(uint index, uint generation)
    {
        _index = index;
        _generation = generation;
    }

    /// <summary>The handle that names nothing, as <c>default</c> does.</summary>
    [SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "As in the BCL's own: a value of the type itself.")]
    public static NativeHandle<T> Null => default;

    /// <summary>The slot's index. A slot is used again after its element has been removed.</summary>
    public uint Index => _index;

    /// <summary>Which of the slot's elements is meant: an odd number; 0 only for the null handle.</summary>
    public uint Generation => _generation;

    /// <summary>Whether this is the null handle. False says nothing of whether there is such an element.</summary>
    public bool IsNull => _generation == 0;

    /// <summary>The handle as a number, for files and messages: the generation in the upper half. The null handle is 0.</summary>
    public ulong ToUInt64() => ((ulong)_generation << 32) | _index;

    /// <summary>The handle of a number.</summary>
    /// <param name="value">What <see cref="ToUInt64"/> returned. Any other value is a handle that is not valid, but for a coincidence.</param>
    /// <returns>The handle.</returns>
    [SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "As in the BCL's own: makes a value of the type itself.")]
    public static NativeHandle<T> FromUInt64(ulong value) => new((uint)value, (uint)(value >> 32));

    /// <summary>Whether both name the same element, or are both null.</summary>
    public static bool operator ==(NativeHandle<T> left, NativeHandle<T> right) => left.ToUInt64() == right.ToUInt64();

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(NativeHandle<T> left, NativeHandle<T> right) => left.ToUInt64() != right.ToUInt64();

    /// <summary>Whether the left one comes first in the order of <see cref="CompareTo(NativeHandle{T})"/>.</summary>
    public static bool operator <(NativeHandle<T> left, NativeHandle<T> right) => left.CompareTo(right) < 0;

    /// <summary>Whether the left one comes first in the order of <see cref="CompareTo(NativeHandle{T})"/>, or they are equal.</summary>
    public static bool operator <=(NativeHandle<T> left, NativeHandle<T> right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the right one comes first in the order of <see cref="CompareTo(NativeHandle{T})"/>.</summary>
    public static bool operator >(NativeHandle<T> left, NativeHandle<T> right) => left.CompareTo(right) > 0;

    /// <summary>Whether the right one comes first in the order of <see cref="CompareTo(NativeHandle{T})"/>, or they are equal.</summary>
    public static bool operator >=(NativeHandle<T> left, NativeHandle<T> right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public bool Equals(NativeHandle<T> other) => this == other;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NativeHandle<T> other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => ToUInt64().GetHashCode();

    /// <summary>An order in which handles may be sorted: by slot, then by generation. It says nothing of which is older.</summary>
    /// <param name="other">What to compare with.</param>
    /// <returns>Less than, equal to or greater than 0, as this one comes before, with or after the other.</returns>
    public int CompareTo(NativeHandle<T> other) => _index != other._index ? _index.CompareTo(other._index) : _generation.CompareTo(other._generation);

    int IComparable.CompareTo(object? obj) => obj switch
    {
        null => 1,
        NativeHandle<T> other => CompareTo(other),
        _ => throw new ArgumentException($"A {GetType()} compares with its like only, not with a {obj.GetType()}.", nameof(obj)),
    };

    /// <summary>Index and generation, as <c>17:2654435769</c>; <c>null</c> for the null handle.</summary>
    public override string ToString() => IsNull ? "null" : string.Create(CultureInfo.InvariantCulture, $"{_index}:{_generation}");

    /// <inheritdoc cref="ToString()"/>
    /// <param name="format">Ignored.</param>
    /// <param name="formatProvider">Ignored.</param>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>Writes what <see cref="ToString()"/> returns, without allocating.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="charsWritten">How many characters were written.</param>
    /// <param name="format">Ignored.</param>
    /// <param name="provider">Ignored.</param>
    /// <returns>Whether there was room.</returns>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        IsNull
            ? destination.TryWrite($"null", out charsWritten)
            : destination.TryWrite(CultureInfo.InvariantCulture, $"{_index}:{_generation}", out charsWritten);
}
