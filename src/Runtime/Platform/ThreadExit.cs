// Tells that a thread has ended, without running managed code on it.
//
// A finalizer may never run in a program that never collects, and a managed callback at thread exit crashes the process: the runtime has already
// torn the thread down (a later collection, or on NativeAOT the call itself, dies). So the destructor of a pthread key is libc's own
// sem_post: it adds one to the semaphore that the thread's value points to, and that semaphore is a flag in memory that is never unmapped.
//
//     Value != 0  =>  the thread runs no managed code any more     (key destructors run after the runtime's own thread-local ones)
//
// The flag may come some milliseconds after Thread.Join has returned: whoever needs it treats it as news that arrives late. It is the only
// criterion; Thread.IsAlive turns false at another moment, and mixing the two could declare a new owner dead by its predecessor's late flag.

using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace NativeHeap.Platform;

/// <summary>A flag that turns on after a thread has ended. Lives in native memory that is never unmapped; zeroed is "running".</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe partial struct ThreadExit
{
    // sem_t of glibc and musl, zeroed: an unposted, process-private semaphore. glibc's is 32 bytes; the first word is the value.
    private int _value;

    private static uint s_key;

    /// <summary>Whether the thread that called <see cref="Watch"/> has ended.</summary>
    public bool HasEnded => Volatile.Read(ref _value) != 0;

    /// <summary>Makes ready, once a process and before any other call.</summary>
    /// <exception cref="InvalidOperationException">The process has used up its thread-local keys.</exception>
    public static void Prepare()
    {
        nint libc = NativeLibrary.Load("libc", typeof(ThreadExit).Assembly, DllImportSearchPath.SafeDirectories);
        nint semPost = NativeLibrary.GetExport(libc, "sem_post");
        uint key;
        int error = KeyCreate(&key, semPost);
        if (error != 0)
        {
            throw new InvalidOperationException($"NativeHeap could not create a thread-local key (pthread_key_create returned {error}): the process has used them up.");
        }

        s_key = key;
    }

    /// <summary>Ties a flag to the calling thread, which must not be tied to another.</summary>
    /// <returns>Whether it is tied; false is want of memory.</returns>
    public static bool Watch(ThreadExit* flag)
    {
        Volatile.Write(ref flag->_value, 0);
        return SetSpecific(s_key, flag) == 0;
    }

    [LibraryImport("libc", EntryPoint = "pthread_key_create")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int KeyCreate(uint* key, nint destructor);

    [LibraryImport("libc", EntryPoint = "pthread_setspecific")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetSpecific(uint key, void* value);
}
