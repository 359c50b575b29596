// The generations of slots: 32-bit numbers by which a handle knows whether the element that it named is still there.
//
//     odd: the slot is in use, by the handle of that generation          even: it is free, and its next element will have the generation that follows
//
//     origin of a container = serial number * odd constant, made even;   a new slot is at the origin;   each addition and each removal moves it on by one
//     a slot that would be back at its origin is retired
//
// So no two handles of a container are ever equal: a slot serves 2^31 elements and then none. A handle of another container meets a slot that is somewhere else on the circle, since
// origins are spread over it evenly (the constant is 2^32 divided by the golden ratio): that it is taken for valid is a coincidence of one in 2^31.

using System.Runtime.CompilerServices;

using NativeHeap.Platform;

namespace NativeHeap.Entities;

/// <summary>The numbers that tell a slot's elements apart.</summary>
internal static class Generations
{
    private const uint Spread = 0x9E3779B1;

    private static long s_serial;

    /// <summary>The origin of a new container, or of one that begins anew.</summary>
    public static uint NextOrigin() => (uint)Atomic.Add(ref s_serial, 1) * Spread << 1;

    /// <summary>Whether a slot of a generation is in use; handles have no other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLive(uint generation) => (generation & 1) != 0;

    /// <summary>Whether a container can have handed out a generation for a slot that is at another by now.</summary>
    /// <param name="generation">The generation of a handle.</param>
    /// <param name="now">That of the slot.</param>
    /// <param name="origin">That of the container.</param>
    public static bool IsPast(uint generation, uint now, uint origin) => IsLive(generation) && generation - origin < now - origin;
}
