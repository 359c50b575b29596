using System.Diagnostics.CodeAnalysis;

using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>The heaps of the process, for <c>foreach</c>: <c>Heap.All</c>.</summary>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "There is one, and nothing to compare.")]
[SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "The form that foreach looks for.")]
public readonly struct HeapSequence
{
    /// <summary>Begins at <see cref="Heap.Shared"/>.</summary>
    [SuppressMessage("Performance", "CA1822:Mark members as static", Justification = "The form that foreach looks for.")]
    public Enumerator GetEnumerator() => default;

    /// <summary>Goes from heap to heap.</summary>
    public struct Enumerator
    {
        private int _next;

        /// <summary>The heap.</summary>
        public Heap Current { get; private set; }

        /// <summary>Goes to the next heap.</summary>
        /// <returns>Whether there is one.</returns>
        public unsafe bool MoveNext()
        {
            if (_next == 0)
            {
                Current = Heap.Shared;
                _next = 1;
                return true;
            }

            for (; HeapProcess.IsStarted && _next < HeapProcess.Indexes->Count; _next++)
            {
                if (Heap.Of(HeapProcess.Indexes->Find(_next)) is { } heap)
                {
                    Current = heap;
                    _next++;
                    return true;
                }
            }

            return false;
        }
    }
}
