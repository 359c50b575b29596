// Waves: how many slots of a class come back and go out again, which is what its depot is worth.
//
//     out    = slots that spans have handed out: live, in bins, or in the depot
//     ebb    = the most that out has ever been - out                  wave = the most by which an ebb has been made up for by slots handed out again
//
// A depot makes the second half of a wave cheap: what was freed goes out by the magazine, where slots from the spans' bitmaps cost several nanoseconds each. But its magazines take eight bytes an object,
// and its slots keep their spans. A program that frees at its end what it has built has no use for that: an eighth of its memory more, for 64-byte objects, at the moment when it needs least. So the depot
// takes what fits into the magazines that there are, and a few more; for the first wave that does not, slots go to the spans; if they come out again, the next wave of that height finds room.
//
// Under the central cache's lock.

namespace NativeHeap.Central;

internal unsafe partial struct CentralCache
{
    // After slots have been dropped into spans.
    private void NoteFall() => _deepestEbb = long.Max(_deepestEbb, _mostOut - (_slots - _freeSlots));

    // After slots have been lifted from them.
    private void NoteRise()
    {
        long handedOut = _slots - _freeSlots;
        _mostOut = long.Max(_mostOut, handedOut);
        _wave = long.Max(_wave, _deepestEbb - (_mostOut - handedOut));
    }
}
