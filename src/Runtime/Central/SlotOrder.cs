// The lots by which slots are handed out where their order is not to be foretold (HeapHardening.RandomOrder).
//
//     draw n = Mix(seed + n * Step)          SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014)
//
// A seed is 64 bits of the system's, one a heap; each central cache draws from a sequence of its own. It hides the order from a program that has gone astray and from an attacker who sees some addresses, and is no cipher: who sees
// whole draws, which nobody outside of the allocator does, could compute the seed.

using System;
using System.Numerics;

namespace NativeHeap.Central;

/// <summary>A sequence of random numbers.</summary>
internal unsafe struct SlotOrder
{
    private const ulong Step = 0x9e3779b97f4a7c15;

    private ulong _state;

    /// <summary>A sequence that begins at a number that was drawn from another, or at a seed.</summary>
    public SlotOrder(ulong start) => _state = start;

    /// <summary>A seed that is not 0, of the system's random numbers.</summary>
    public static ulong NewSeed()
    {
        // The one source of them that takes no library of ciphers and no managed memory: of a new GUID's 128 bits all but 6 are random.
        Guid random = Guid.NewGuid();
        ulong* halves = (ulong*)&random;
        return (halves[0] ^ BitOperations.RotateLeft(halves[1], 32)) | 1;
    }

    /// <summary>The next number.</summary>
    public ulong Draw()
    {
        ulong mixed = _state += Step;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>The next number, from 0 up to a bound, which is not among them.</summary>
    public int Draw(int bound) => (int)(((Draw() >> 32) * (uint)bound) >> 32);

    /// <summary>Puts slots in another order, any of which is as likely.</summary>
    public void Shuffle(void** slots, int count)
    {
        for (int left = count; left > 1; left--)
        {
            int drawn = Draw(left);
            void* slot = slots[drawn];
            slots[drawn] = slots[left - 1];
            slots[left - 1] = slot;
        }
    }
}
