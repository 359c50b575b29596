// The line of the user's source from which stubs are called: the generator's tracked stubs have one around the call of the plain one (MSBuild property NativeHeapTrackSites, set in Debug builds).
//
//     thread->Site = the line's number, from the site's beginning to its end; then what it was before, since a type's OnFreeing frees from lines of its own within a call of Free
//
// Nothing is numbered, and no record made, where nobody asks: in a process that checks no heap and takes no guarded samples.

using System.ComponentModel;
using System.Runtime.CompilerServices;

using NativeHeap.Guards;
using NativeHeap.Heaps;
using NativeHeap.Threads;

namespace NativeHeap.CompilerServices;

/// <summary>Says on which line of the user's source the current thread calls stubs, until it is disposed of. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly unsafe ref struct CallSite
{
    private readonly ThreadRecord* _thread;
    private readonly uint _outer;

    /// <summary>The thread's calls come from a line.</summary>
    /// <param name="file">The path of the source file, as the compiler gives it: a literal, which is told from others by its reference.</param>
    /// <param name="line">The line in it, from 1 on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CallSite(string file, int line)
    {
        if (!Origins.AreIgnored)
        {
            _thread = HeapProcess.GetThread();
            if (_thread != null)
            {
                _outer = _thread->Site;
                _thread->Site = Origins.NumberOf(file, line);
            }
        }
    }

    /// <summary>They come from where they came from before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (_thread != null)
        {
            _thread->Site = _outer;
        }
    }
}
