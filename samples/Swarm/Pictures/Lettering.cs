// Captions in letters of 5 * 7 pixels: those that the film's captions need, and no more.
//
// A letter is 35 bits, row by row from the upper left.

using System;

namespace Swarm.Pictures;

internal static class Lettering
{
    private const int LetterWidth = 5;
    private const int LetterHeight = 7;
    private const byte Brightness = 190;

    public static void Draw(Span<byte> pixels, int width, int left, int top, string text)
    {
        foreach (char letter in text)
        {
            ulong bits = BitsOf(letter);
            for (int i = 0; i < LetterWidth * LetterHeight; i++)
            {
                if (((bits >> ((LetterWidth * LetterHeight) - 1 - i)) & 1) != 0)
                {
                    pixels.Slice(3 * (((top + (i / LetterWidth)) * width) + left + (i % LetterWidth)), 3).Fill(Brightness);
                }
            }

            left += LetterWidth + 1;
        }
    }

    private static ulong BitsOf(char letter) => letter switch
    {
        '0' => 0x3_A33A_E62E,
        '1' => 0x1_1842_108E,
        '2' => 0x3_A213_221F,
        '3' => 0x7_8217_043E,
        '4' => 0x0_8CA9_7C42,
        '5' => 0x7_E1E0_862E,
        '6' => 0x3_A1E8_C62E,
        '7' => 0x7_C222_2108,
        '8' => 0x3_A317_462E,
        '9' => 0x3_A317_844C,
        ',' => 0x0_0000_1088,
        's' => 0x0_00F8_383E,
        'l' => 0x3_0842_108E,
        'e' => 0x0_00E8_FE0E,
        'v' => 0x0_0118_C544,
        'h' => 0x4_216C_C631,
        'i' => 0x1_00C2_108E,
        'p' => 0x0_01E8_FA10,
        _ => 0,
    };
}
