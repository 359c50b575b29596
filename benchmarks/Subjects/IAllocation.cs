// How a measuring loop sees an allocator: a struct without fields whose static members the JIT inlines into the loop.
//
// Each subject is such a struct, typed by the block it hands out, so that the loops are written once and every subject
// runs the same instructions around its own. TItem is what the program keeps of a live object: an address for the native
// ones, a struct around the reference for the managed ones. Always a struct, because the JIT shares code between
// reference types, and shared code looks its types up at run time.

namespace NativeHeap.Benchmarks.Subjects;

internal interface IAllocation<TItem>
    where TItem : struct
{
    /// <summary>Called once, before the first allocation, with the number of objects that will be live at a time.</summary>
    static abstract void Prepare(int live);

    static abstract TItem Alloc();

    static abstract void Free(TItem item);

    /// <summary>The object's first word.</summary>
    static abstract ref long Words(TItem item);
}
