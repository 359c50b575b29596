// Introsort (D. Musser, "Introspective sorting and selection algorithms", 1997): quicksort by the median of three, heapsort where that has gone too deep, insertion sort for short runs.
//
// The BCL's own sort makes a delegate of a comparer; this calls it, and the JIT inlines it if it is a struct. All accesses are within the span whatever the comparer
// says, and whatever it throws, no item is lost: items only ever change places, two at a time.

using System;
using System.Collections.Generic;
using System.Numerics;

namespace NativeHeap.Collections;

/// <summary>Sorts spans by a comparer.</summary>
internal static class IntroSort<T, TComparer>
    where TComparer : IComparer<T>
{
    private const int ShortRun = 16;

    /// <summary>Sorts a span. Equal items may change places.</summary>
    /// <param name="items">The items.</param>
    /// <param name="comparer">Their order.</param>
    public static void Sort(Span<T> items, TComparer comparer) => Sort(items, comparer, 2 * BitOperations.Log2((uint)items.Length | 1));

    // The depth is how often to part the items before heapsort takes over.
    private static void Sort(Span<T> items, TComparer comparer, int depth)
    {
        while (items.Length > ShortRun)
        {
            if (depth-- == 0)
            {
                HeapSort(items, comparer);
                return;
            }

            // The longer part is the next round's, so that the recursion is no deeper than the logarithm.
            int middle = Partition(items, comparer);
            Span<T> lower = items[..middle];
            Span<T> upper = items[(middle + 1)..];
            bool isLowerShorter = lower.Length < upper.Length;
            Sort(isLowerShorter ? lower : upper, comparer, depth);
            items = isLowerShorter ? upper : lower;
        }

        InsertionSort(items, comparer);
    }

    // Puts the median of first, middle and last at its place, with none greater before it and none less after it.
    private static int Partition(Span<T> items, TComparer comparer)
    {
        int last = items.Length - 1;
        int middle = last / 2;
        Order(items, comparer, 0, middle);
        Order(items, comparer, 0, last);
        Order(items, comparer, middle, last);

        // The first and the last stop the two walks, and so does each end of the span if the comparer contradicts itself.
        T pivot = items[middle];
        Swap(items, middle, last - 1);
        int low = 0;
        int high = last - 1;
        while (true)
        {
            do
            {
                low++;
            }
            while (low < last - 1 && comparer.Compare(items[low], pivot) < 0);
            do
            {
                high--;
            }
            while (high > 0 && comparer.Compare(pivot, items[high]) < 0);
            if (low >= high)
            {
                break;
            }

            Swap(items, low, high);
        }

        Swap(items, low, last - 1);
        return low;
    }

    private static void InsertionSort(Span<T> items, TComparer comparer)
    {
        for (int i = 1; i < items.Length; i++)
        {
            T item = items[i];
            int place = i;
            while (place > 0 && comparer.Compare(item, items[place - 1]) < 0)
            {
                place--;
            }

            items[place..i].CopyTo(items[(place + 1)..]);
            items[place] = item;
        }
    }

    private static void HeapSort(Span<T> items, TComparer comparer)
    {
        for (int root = (items.Length / 2) - 1; root >= 0; root--)
        {
            SiftDown(items, comparer, root);
        }

        for (int end = items.Length - 1; end > 0; end--)
        {
            Swap(items, 0, end);
            SiftDown(items[..end], comparer, 0);
        }
    }

    private static void SiftDown(Span<T> items, TComparer comparer, int root)
    {
        for (int child = (2 * root) + 1; child < items.Length; child = (2 * root) + 1)
        {
            if (child + 1 < items.Length && comparer.Compare(items[child], items[child + 1]) < 0)
            {
                child++;
            }

            if (comparer.Compare(items[root], items[child]) >= 0)
            {
                return;
            }

            Swap(items, root, child);
            root = child;
        }
    }

    private static void Order(Span<T> items, TComparer comparer, int first, int second)
    {
        if (comparer.Compare(items[second], items[first]) < 0)
        {
            Swap(items, first, second);
        }
    }

    private static void Swap(Span<T> items, int first, int second) => (items[first], items[second]) = (items[second], items[first]);
}
