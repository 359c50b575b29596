// After sh8bench: twice as many threads as cores, each of which frees mostly what others have allocated.
//
// A thread fills an array with new objects. When it is full it is exchanged for another thread's, by way of a row
// of places. Of what comes back, a fifth that moves on from time to time is kept; the part below it is freed in the order of
// allocation, the part above it in the reverse, and the thread fills the places anew.

using System;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Counts;

internal sealed unsafe class Sh8Bench
{
    private const int Length = 10_000;
    private const int KeptParts = 5;

    private readonly nint[] _places = new nint[Environment.ProcessorCount * 2];
    private readonly FreedObjects _freed;

    private Sh8Bench(FreedObjects freed) => _freed = freed;

    public static void Start(FreedObjects freed)
    {
        Sh8Bench bench = new(freed);
        for (int i = 0; i < bench._places.Length; i++)
        {
            FreedObjects.StartThread(bench.Run);
        }
    }

    private void Run()
    {
        Block64** objects = NewArray();
        for (int round = 0; ; round++)
        {
            for (int i = 0; i < Length; i++)
            {
                if (objects[i] == null)
                {
                    objects[i] = Block64.Alloc();
                    var bytes = (byte*)objects[i];
                    bytes[0] = bytes[sizeof(Block64) - 1] = (byte)i;
                }
            }

            // Places are empty until each has been passed once.
            var other = (Block64**)Interlocked.Exchange(ref _places[round % _places.Length], (nint)objects);
            objects = other == null ? NewArray() : other;
            int kept = Length / KeptParts * (round % KeptParts);
            int count = 0;
            for (int i = 0; i < kept; i++)
            {
                count += Release(ref objects[i]);
            }

            for (int i = Length - 1; i >= kept + (Length / KeptParts); i--)
            {
                count += Release(ref objects[i]);
            }

            _freed.Add(count);
        }
    }

    private static Block64** NewArray() => (Block64**)Heap.Shared.AllocZeroed((nuint)(Length * sizeof(Block64*)));

    private static int Release(ref Block64* place)
    {
        if (place == null)
        {
            return 0;
        }

        Block64.Free(place);
        place = null;
        return 1;
    }
}
