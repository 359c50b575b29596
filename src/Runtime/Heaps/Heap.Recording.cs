// Heaps whose calls are recorded (Recording/Recorder.cs): by options of their own, or by the environment, which asks it of all heaps of the process.
//
//     the set's Recorder = the heap's own, else the process's, else null; null again once the recording has ended
//
// A heap's own recording ends with the heap, and what then is alive in it is left so in the trace. In the process's trace the blocks of a disposed heap are freed, one by one: their
// addresses go to others. So are those of a heap that is reset, in either.

using System.IO;

using NativeHeap.Heaps;
using NativeHeap.Recording;

namespace NativeHeap;

public sealed unsafe partial class Heap
{
    private Recorder* _ownRecorder;

    /// <summary>
    /// Ends the recording of the heap's allocations and completes its file; that of <see cref="Shared"/> is the process's, of all heaps without one of their own. Does nothing if there is none.
    /// </summary>
    /// <remarks>Thread-safe. Calls that other threads are making may still be in the file or not. Takes as long as the file takes to compress, if it is to be.</remarks>
    /// <exception cref="IOException">The file could not be written whole; the message names it. The heap is as it was.</exception>
    public void StopRecording()
    {
        Recorder* recorder = this == Shared ? HeapProcess.Recorder : _ownRecorder;
        if (recorder != null)
        {
            Recorder.Finish(recorder);
        }
    }

    private void StartRecording(string? file)
    {
        try
        {
            _ownRecorder = file == null ? null : Recorder.Start(file, HeapProcess.Metadata);
            _set->Recorder = file == null ? HeapProcess.Recorder : _ownRecorder;
        }
        catch (IOException)
        {
            LeaveSet();
            HeapProcess.Indexes->Return(_set);
            throw;
        }
    }

    // Before the blocks are freed at once.
    private void LeaveRecording()
    {
        Recorder* recorder = _set->Recorder;
        if (recorder != null && recorder != _ownRecorder)
        {
            recorder->FreeAll(_set->Index);
        }

        _set->Recorder = null;
    }
}
