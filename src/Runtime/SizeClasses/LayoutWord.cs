// What a generated stub claims of its type's layout, in one 64-bit constant:
//
//     63         48 47           40 39        32 31           0
//     [ table      ][ log2 of      ][ span      ][ size        ]
//     [ version 16 ][ alignment 8  ][ class 8   ][ 32          ]
//
//     version 0  <=>  the layout was not known when the stub was generated: size 0, size class 0, alignment as far as it was asked for
//
// One primitive and not a struct of four, because the JIT propagates a primitive constant while it inlines, and folds what is compared with it at once. A
// struct's fields become constants only after it has decided what to lift out of loops, and then the thread-static access of the stub stays inside.
//
// Compiled into the runtime, which reads it, and into the generator, which writes it.

namespace NativeHeap.SizeClasses;

/// <summary>Packs and unpacks a layout claim.</summary>
internal static class LayoutWord
{
    private const int SpanClassShift = 32;
    private const int AlignmentShift = 40;
    private const int VersionShift = 48;

    /// <summary>A claim made for this table of size classes.</summary>
    /// <param name="size">The size of the struct, in bytes.</param>
    /// <param name="spanClass">Twice its size class, plus one if it holds no pointer.</param>
    /// <param name="alignment">The alignment its objects need, in bytes: a power of two.</param>
    public static ulong Known(int size, int spanClass, int alignment) =>
        ((ulong)SizeClass.TableVersion << VersionShift) | Common(spanClass, alignment) | (uint)size;

    /// <summary>The claim of a struct whose layout only the running process knows.</summary>
    /// <param name="noScan">Whether it holds no pointer.</param>
    /// <param name="alignment">The alignment asked for, in bytes, or 1.</param>
    public static ulong Unknown(bool noScan, int alignment) => Common(SizeClass.ToSpanClass(SizeClass.Large, noScan), alignment);

    /// <summary>The table of size classes that the claim was made for; 0 if none.</summary>
    public static int Version(ulong word) => (int)(word >> VersionShift);

    /// <summary>The size claimed, in bytes.</summary>
    public static int Size(ulong word) => (int)(uint)word;

    /// <summary>The span class claimed.</summary>
    public static int SpanClass(ulong word) => (byte)(word >> SpanClassShift);

    /// <summary>Whether the struct is said to hold no pointer.</summary>
    public static bool NoScan(ulong word) => (SpanClass(word) & 1) != 0;

    /// <summary>The alignment claimed, in bytes.</summary>
    public static int Alignment(ulong word) => 1 << (byte)(word >> AlignmentShift);

    private static ulong Common(int spanClass, int alignment)
    {
        int log2 = 0;
        while (1 << log2 < alignment)
        {
            log2++;
        }

        return ((ulong)(uint)log2 << AlignmentShift) | ((ulong)(uint)spanClass << SpanClassShift);
    }
}
