// Patterns that C has no word for, or mimalloc-bench has not: other heaps, heaps that have ended, types of one size, owners, tables, threads.

using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace NativeHeap.MisuseProbe;

internal static unsafe partial class Patterns
{
    /// <summary>Those that mimalloc-bench has not.</summary>
    public static IReadOnlyList<Pattern> Ours { get; } =
    [
        new("free_to_another_heap", "frees a block to a heap that it is not of", Mistake.Free, misuse =>
        {
            Heap other = misuse.NewHeap("other");
            byte* block = misuse.Alloc();
            misuse.Wrong(() => misuse.Free(other, block));
        }),
        new("free_after_reset", "frees a block that Heap.Reset has ended", Mistake.Free, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.End(static heap => heap.Reset());
            misuse.Wrong(() => misuse.Free(block));
        }),
        new("free_after_dispose", "frees a block to its heap, which has been disposed of", Mistake.Free, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.End(static heap => heap.Dispose());
            misuse.Wrong(() => misuse.Free(block));
        }),
        new("free_after_dispose_to_another_heap", "frees a block of a heap that has been disposed of to another", Mistake.Free, misuse =>
        {
            Heap other = misuse.NewHeap("other");
            byte* block = misuse.Alloc();
            misuse.End(static heap => heap.Dispose());
            misuse.Wrong(() => misuse.Free(other, block));
        }),
        new("double_free_other_thread", "frees a block that another thread has freed", Mistake.Free, misuse =>
        {
            byte* block = misuse.Alloc();
            Thread thread = new(() =>
            {
                misuse.Free(block);
                Heap.FlushThread();
            });
            thread.Start();
            thread.Join();
            misuse.Wrong(() => misuse.Free(block));
        }),
        new("double_free_batch", "frees an object twice in one batch", Mistake.Free, misuse =>
        {
            Small* small = Small.Alloc(misuse.FreshHeap);
            misuse.Wrong(() => Small.FreeBatch(misuse.Heap, [small, small]));
        }) { Blocks = Blocks.Own },
        new("free_after_owner", "frees an object by pointer after its owner was disposed of", Mistake.Free, misuse =>
        {
            NativeOwner<Small> owner = Small.Rent(misuse.FreshHeap);
            Small* small = owner.DangerousGetPointer();
            owner.Dispose();
            misuse.Wrong(() => Small.Free(misuse.Heap, small));
        }) { Blocks = Blocks.Own },
        new("free_as_another_type_of_its_size", "frees an object as another type of the same size", Mistake.Free, misuse =>
        {
            Small* small = Small.Alloc(misuse.FreshHeap);
            misuse.Wrong(() => SmallToo.Free(misuse.Heap, (SmallToo*)small));
        }) { Blocks = Blocks.Own },
        new("free_of_another_allocator", "frees a block of NativeMemory", Mistake.Free, misuse =>
        {
            byte* block = (byte*)NativeMemory.Alloc(64);
            misuse.Wrong(() => misuse.Free(block));
        }),
        new("free_of_a_tables_element", "frees an element of a table", Mistake.Free, misuse =>
        {
            NativeTable<Small> table = new(misuse.Heap);
            ref Small element = ref table.Add(out _);
            element = default;
            Small* small = (Small*)Unsafe.AsPointer(ref table.Values[0]);
            misuse.Wrong(() => Small.Free(misuse.Heap, small));
        }) { Blocks = Blocks.Own },
        new("realloc_after_free", "resizes a freed block", Mistake.Free, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            misuse.Wrong(() => _ = misuse.Heap.Realloc(block, (nuint)misuse.Size * 2));
        }) { Blocks = Blocks.Untyped },
        new("read_after_free_reuse", "reads a freed block whose place a new object with a secret may have", Mistake.Read, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            misuse.WriteSecret(misuse.Alloc());
            misuse.WrongRead(block, misuse.Size);
        }),
        new("write_after_reset", "writes to a block that Heap.Reset has ended", Mistake.Write, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.End(static heap => heap.Reset());
            misuse.Wrong(() => misuse.WriteSecret(block));
        }),
        new("write_after_dispose", "writes to a block of a heap that has been disposed of", Mistake.Write, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.End(static heap => heap.Dispose());
            misuse.Wrong(() => misuse.WriteSecret(block));
        }) { IsFar = true },
    ];
}
