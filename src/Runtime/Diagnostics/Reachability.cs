namespace NativeHeap;

/// <summary>Who leads to a live object, as far as native memory tells: pointers in objects that may hold some, tables, pools, collections, and roots (<c>Heap.AddRoot</c>). The words are those of Valgrind.</summary>
/// <remarks>What only managed code points to, from a local, a field of a class or the garbage collector's heap, is <see cref="Lost"/> by this: nobody can tell there what is a pointer.</remarks>
public enum Reachability
{
    /// <summary>Nothing points to it, or only what it leads to itself. To be freed first.</summary>
    Lost,

    /// <summary>Only lost objects lead to it: a list's elements, when its head is lost.</summary>
    IndirectlyLost,

    /// <summary>A table, a pool, a collection or a root leads to it. It is a leak if nothing should be alive.</summary>
    Reachable,
}
