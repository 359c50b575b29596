// The patterns of mimalloc-bench's bench/security (at commit ce5784f; 42 of them, many from the tests of GrapheneOS's hardened_malloc), written anew against NativeHeap's members. Names are the files'.
//
// What C++ says with new and delete[] is said here with what comes nearest: an object and a batch, an array's block and an object.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace NativeHeap.MisuseProbe;

/// <summary>All patterns.</summary>
internal static unsafe partial class Patterns
{
    private const int OneMiB = 1 << 20;
    private const int Rounds = 2_000;

    /// <summary>mimalloc-bench's.</summary>
    public static IReadOnlyList<Pattern> MimallocBench { get; } =
    [
        .. Overruns("one_byte", "1 byte", 1),
        .. Overruns("32_byte", "32 bytes", 32),
        .. Overruns("one_mbyte", "1 MiB", OneMiB),
        .. DoubleFrees(),
        .. InvalidFrees(),
        .. Mismatches(),
        .. StaleUses(),
        .. Footholds(),
    ];

    /// <summary>All there are.</summary>
    public static IEnumerable<Pattern> All => [.. MimallocBench, .. Ours];

    // At a distance, and by a copy that is too long; the copy's block is not freed there.
    private static IEnumerable<Pattern> Overruns(string name, string distance, int bytes)
    {
        bool isFar = bytes == OneMiB;
        return
        [
            new($"{name}_overflow", $"writes a byte {distance} behind a block's last, and frees the block", Mistake.Write, misuse =>
            {
                byte* block = misuse.Alloc();
                misuse.Wrong(() => block[misuse.Size - 1 + bytes] ^= (byte)'A');
                misuse.Free(block);
            }) { IsFar = isFar },
            new($"{name}_underflow", $"writes a byte {distance} before a block's first, and frees the block", Mistake.Write, misuse =>
            {
                byte* block = misuse.Alloc();
                misuse.Wrong(() => block[-bytes] ^= (byte)'A');
                misuse.Free(block);
            }) { IsFar = isFar, ReachesBack = true },
            new($"{name}_memcpy_overflow", $"copies {distance} more into a block than it holds", Mistake.Write, misuse =>
            {
                byte[] source = new byte[misuse.Size + bytes];
                byte* block = misuse.Alloc();
                misuse.Wrong(() => Marshal.Copy(source, 0, (nint)block, source.Length));
            }) { IsFar = isFar },
            new($"{name}_memcpy_underflow", $"copies as much as a block holds to {distance} before it", Mistake.Write, misuse =>
            {
                byte[] source = new byte[misuse.Size];
                byte* block = misuse.Alloc();
                misuse.Wrong(() => Marshal.Copy(source, 0, (nint)(block - bytes), source.Length));
            }) { IsFar = isFar, ReachesBack = true },
        ];
    }

    private static IEnumerable<Pattern> DoubleFrees() =>
    [
        new("double_free", "frees a block twice", Mistake.Free, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            misuse.Wrong(() => misuse.Free(block));
        }),
        new("double_free_delayed", "frees a block, allocates and frees many times, and frees it again", Mistake.Free, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            AllocAndFree(misuse, 1_024);
            misuse.Wrong(() => misuse.Free(block));
        }),
        new("double_free_interleaved", "frees a block twice, and another in between", Mistake.Free, misuse =>
        {
            byte* block = misuse.Alloc();
            byte* other = misuse.Alloc();
            misuse.Free(block);
            misuse.Free(other);
            misuse.Wrong(() => misuse.Free(block));
        }),
        new("double_free_reuse", "frees a block twice, and allocates and frees many times", Mistake.Free, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            misuse.Wrong(() => misuse.Free(block));
            AllocAndFree(misuse, Rounds);
        }),
        new("double_free_single_reuse", "frees a block, allocates another, frees the first again, and then the other", Mistake.Free, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            byte* other = misuse.Alloc();
            misuse.Wrong(() => misuse.Free(block));
            misuse.Free(other);
        }),
    ];

    private static IEnumerable<Pattern> InvalidFrees() =>
    [
        new("invalid_free", "frees the address 1", Mistake.Free, misuse => misuse.Wrong(() => misuse.Free((byte*)1))),
        new("invalid_free_alloca", "frees what stackalloc made", Mistake.Free, misuse =>
        {
            byte* local = stackalloc byte[64];
            misuse.Wrong(() => misuse.Free(local));
        }),
        new("invalid_free_stack", "frees a local variable", Mistake.Free, misuse =>
        {
            decimal local = default;
            byte* address = (byte*)&local;
            misuse.Wrong(() => misuse.Free(address));
        }),
        new("invalid_free_close", "frees the address 4 KiB behind a block's", Mistake.Free, misuse => FreeAt(misuse, 4 << 10)),
        new("invalid_free_far", "frees the address 1 GiB behind a block's", Mistake.Free, misuse => FreeAt(misuse, 1 << 30)),
        new("invalid_free_unaligned", "frees the address of a block's second byte", Mistake.Free, misuse => FreeAt(misuse, 1)),
        new("invalid_free_unaligned_multiple", "frees the address 8 bytes behind a block's", Mistake.Free, misuse => FreeAt(misuse, 8)),
    ];

    private static IEnumerable<Pattern> Mismatches() =>
    [
        new("delete_type_size_mismatch", "frees an object of 8 bytes as one of 72", Mistake.Free, misuse =>
        {
            Small* small = Small.Alloc(misuse.FreshHeap);
            misuse.Wrong(() => Words.Free(misuse.Heap, (Words*)small));
        }) { Blocks = Blocks.Own },
        new("invalid_array_delete_char", "frees an object as if it were four that lie side by side", Mistake.Free, misuse =>
        {
            Small* small = Small.Alloc(misuse.FreshHeap);
            misuse.Wrong(() => Small.FreeBatch(misuse.Heap, [small, small + 1, small + 2, small + 3]));
        }) { Blocks = Blocks.Own },
        new("invalid_array_delete_string", "the same, of a type with a pointer in it", Mistake.Free, misuse =>
        {
            Text* text = Text.Alloc(misuse.FreshHeap);
            misuse.Wrong(() => Text.FreeBatch(misuse.Heap, [text, text + 1, text + 2, text + 3]));
        }) { Blocks = Blocks.Own },
        new("invalid_delete_array_char", "frees a block of 4,096 objects as one object", Mistake.Free, misuse =>
        {
            Small* array = (Small*)misuse.FreshHeap.Alloc((nuint)sizeof(Small) * 4_096);
            misuse.Wrong(() => Small.Free(misuse.Heap, array));
        }) { Blocks = Blocks.Own },
        new("invalid_delete_array_string", "the same, of a type with a pointer in it", Mistake.Free, misuse =>
        {
            Text* array = (Text*)misuse.FreshHeap.Alloc((nuint)sizeof(Text) * 4_096);
            misuse.Wrong(() => Text.Free(misuse.Heap, array));
        }) { Blocks = Blocks.Own },
    ];

    private static IEnumerable<Pattern> StaleUses() =>
    [
        new("write_after_free", "writes all of a freed block", Mistake.Write, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            misuse.Wrong(() => misuse.WriteSecret(block));
        }),
        new("write_after_free_reuse", "writes all of a freed block, and allocates and frees many times", Mistake.Write, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            misuse.Wrong(() => misuse.WriteSecret(block));
            AllocAndFree(misuse, Rounds);
        }),
        new("zero_after_free", "reads a freed block, which held a secret", Mistake.Read, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.WriteSecret(block);
            misuse.Free(block);
            misuse.WrongRead(block, misuse.Size);
        }),
        new("zero_on_malloc", "reads a new block before it is written, where freed ones held secrets", Mistake.Read, misuse =>
        {
            FreeSecrets(misuse);
            byte* block = misuse.Alloc();
            misuse.WrongRead(block, misuse.Size);
        }),
        new("realloc_reuse", "writes to a block's former address after Realloc has moved it", Mistake.Write, misuse =>
        {
            byte* block = (byte*)misuse.FreshHeap.Alloc(8);
            _ = misuse.Heap.Realloc(block, 1_024);
            misuse.Wrong(() => *(long*)block = 0x4141_4141_4141_4141);
        }) { Blocks = Blocks.Own },
        new("read_zero_size", "reads the first byte of a block of 0 bytes", Mistake.Read, misuse =>
        {
            misuse.WrongRead(ZeroSize(misuse), 1);
        }) { Blocks = Blocks.Own },
        new("read_zero_size_free", "the same, and frees it", Mistake.Read, misuse =>
        {
            byte* block = ZeroSize(misuse);
            misuse.WrongRead(block, 1);
            misuse.Heap.Free(block);
        }) { Blocks = Blocks.Own },
        new("write_zero_size", "writes the first byte of a block of 0 bytes", Mistake.Write, misuse =>
        {
            byte* block = ZeroSize(misuse);
            misuse.Wrong(() => *block ^= (byte)'A');
        }) { Blocks = Blocks.Own },
        new("write_zero_size_free", "the same, and frees it", Mistake.Write, misuse =>
        {
            byte* block = ZeroSize(misuse);
            misuse.Wrong(() => *block ^= (byte)'A');
            misuse.Heap.Free(block);
        }) { Blocks = Blocks.Own },
    ];

    private static void AllocAndFree(Misuse misuse, int times)
    {
        for (int left = misuse.Size > 32 << 10 ? times / 20 : times; left > 0; left--)
        {
            misuse.Free(misuse.Alloc());
        }
    }

    private static void FreeAt(Misuse misuse, nint distance)
    {
        byte* block = misuse.Alloc();
        misuse.Wrong(() => misuse.Free(block + distance));
    }

    private static void FreeSecrets(Misuse misuse)
    {
        nint[] blocks = new nint[misuse.Size > 32 << 10 ? 20 : 200];
        foreach (ref nint block in blocks.AsSpan())
        {
            block = (nint)misuse.Alloc();
            misuse.WriteSecret((byte*)block);
        }

        foreach (nint block in blocks)
        {
            misuse.Free((byte*)block);
        }
    }

    // Where blocks of a byte held secrets.
    private static byte* ZeroSize(Misuse misuse)
    {
        nint[] blocks = new nint[100];
        foreach (ref nint block in blocks.AsSpan())
        {
            block = (nint)misuse.Heap.Alloc(1);
            *(byte*)block = (byte)'A';
        }

        foreach (nint block in blocks)
        {
            misuse.Heap.Free((void*)block);
        }

        return (byte*)misuse.FreshHeap.Alloc(0);
    }
}
