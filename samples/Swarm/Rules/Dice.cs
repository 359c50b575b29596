// Chance, as a function: of the seed and of two numbers that say who rolls and when.
//
// No generator is carried along, so it makes no difference which thread rolls first. The mixing is the finalizer of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
// Generators", OOPSLA 2014, with David Stafford's constants), after an odd multiple of each argument.

namespace Swarm.Rules;

internal static class Dice
{
    public static ulong Roll(ulong seed, ulong who, ulong when)
    {
        ulong z = seed + (who * 0x9E37_79B9_7F4A_7C15) + (when * 0xD1B5_4A32_D192_ED03);
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }

    /// <summary>A part of a roll as a number from 0 up to a bound, exclusive.</summary>
    /// <param name="roll">The roll.</param>
    /// <param name="part">Which 16 bits of it: 0 to 3.</param>
    /// <param name="bound">At most 2^47.</param>
    public static long Below(ulong roll, int part, long bound) => ((long)((roll >> (16 * part)) & 0xFFFF) * bound) >> 16;

    /// <summary>The sine of an angle of 65,536 to the circle, as a number of 32,768 to one: by a parabola, at most 6 % off, and the same everywhere.</summary>
    public static int Sine(int angle)
    {
        int half = (short)angle;
        int magnitude = half < 0 ? -half : half;
        return (int)((4L * half * (32_768 - magnitude)) >> 15);
    }

    public static int Cosine(int angle) => Sine(angle + 16_384);
}
