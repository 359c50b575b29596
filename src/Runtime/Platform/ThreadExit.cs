// Tells that a thread has ended, without running managed code on it.
//
// A finalizer may never run in a program that never collects, and a managed callback at thread exit crashes the process: the runtime has already
// torn the thread down (a later collection, or on NativeAOT the call itself, dies). So what runs at exit is a function of the system's own that happens to write a word, and
// that word is the flag, in memory that is never unmapped:
//
//     Linux     libc's sem_post, as destructor of a pthread key: adds one to the semaphore that the thread's value points to              0 -> 1
//     Windows   ntdll's RtlInitializeSRWLock, as callback of a fiber-local slot: writes the zero of a free lock                              1 -> 0
//     HasEnded  =>  the thread runs no managed code any more     (both run after the runtime's own, which was there first)
//
// The flag may come some milliseconds after Thread.Join has returned: whoever needs it treats it as news that arrives late. It is the only
// criterion; Thread.IsAlive turns false at another moment, and mixing the two could declare a new owner dead by its predecessor's late flag.
//
// Where there is no such function (macOS, whose sem_post does nothing for a semaphore without a name) or a trial at the start shows that it does not write what it
// should, Thread.IsAlive is the one criterion instead, asked of the Thread through a weak handle: a Thread that the collector has taken has ended, too.

using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace NativeHeap.Platform;

/// <summary>A flag that turns on after a thread has ended. Lives in native memory that is never unmapped.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe partial struct ThreadExit
{
    private const uint NoSlot = uint.MaxValue;

    // Linux: a sem_t of glibc or musl, zeroed: an unposted, process-private semaphore. glibc's is 32 bytes; the first word is the value. Windows: an SRWLOCK, 8 bytes.
    private fixed int _native[8];

    // Where Thread.IsAlive is asked: a weak handle to the Thread, made once for the flag. Else null.
    private nint _thread;

    // The pthread key or the fiber-local slot.
    private static uint s_slot = NoSlot;

    private static int Running => OperatingSystem.IsWindows() ? 1 : 0;

    /// <summary>Whether the thread that called <see cref="Watch"/> last has ended.</summary>
    public readonly bool HasEnded => _thread == 0 ? Volatile.Read(in _native[0]) != Running : !IsAlive;

    /// <summary>Makes ready, before any other call; not by two threads at once.</summary>
    /// <exception cref="InvalidOperationException">The process has used up its thread-local keys.</exception>
    public static void Prepare()
    {
        if (s_slot != NoSlot)
        {
            return;
        }

        if (OperatingSystem.IsLinux())
        {
            nint libc = NativeLibrary.Load("libc", typeof(ThreadExit).Assembly, DllImportSearchPath.SafeDirectories);
            uint key;
            int error = KeyCreate(&key, NativeLibrary.GetExport(libc, "sem_post"));
            s_slot = error == 0 ? key : throw NoKeys("pthread_key_create", error);
        }
        else if (OperatingSystem.IsWindows() && FindFlagWriter(out nint writer))
        {
            s_slot = FlsAlloc(writer);
            if (s_slot == NoSlot)
            {
                throw NoKeys("FlsAlloc", Marshal.GetLastPInvokeError());
            }
        }
    }

    /// <summary>Ties a flag to the calling thread, which must not be tied to another.</summary>
    /// <returns>Whether it is tied; false is want of memory, and the flag is as it was.</returns>
    public static bool Watch(ThreadExit* flag)
    {
        if (FaultInjection.Refuses(SystemCall.Watch, flag, (nuint)sizeof(ThreadExit)))
        {
            return false;
        }

        if (s_slot == NoSlot)
        {
            WatchManaged(flag);
            return true;
        }

        if (OperatingSystem.IsWindows() ? FlsSetValue(s_slot, flag) == 0 : SetSpecific(s_slot, flag) != 0)
        {
            SystemFailure.Clear();
            return false;
        }

        // It cannot have ended since: it is the one that is running this.
        Volatile.Write(ref flag->_native[0], Running);
        return true;
    }

    /// <summary>Ties a flag to the calling thread where the system has no function for it. A flag is tied this way always or never.</summary>
    public static void WatchManaged(ThreadExit* flag)
    {
        if (flag->_thread == 0)
        {
            flag->_thread = GCHandle.ToIntPtr(GCHandle.Alloc(Thread.CurrentThread, GCHandleType.Weak));
        }
        else
        {
            GCHandle handle = GCHandle.FromIntPtr(flag->_thread);
            handle.Target = Thread.CurrentThread;
        }
    }

    private readonly bool IsAlive => GCHandle.FromIntPtr(_thread).Target is Thread { IsAlive: true };

    private static bool FindFlagWriter(out nint writer)
    {
        writer = 0;
        if (!NativeLibrary.TryLoad("ntdll", typeof(ThreadExit).Assembly, DllImportSearchPath.System32, out nint ntdll)
            || !NativeLibrary.TryGetExport(ntdll, "RtlInitializeSRWLock", out writer))
        {
            return false;
        }

        long flag = 1;
        ((delegate* unmanaged<long*, void>)writer)(&flag);
        return flag == 0;
    }

    private static InvalidOperationException NoKeys(string call, int error) =>
        new($"NativeHeap could not get a thread-local key ({call}: error {error}): the process has used them up.");

    [LibraryImport("libc", EntryPoint = "pthread_key_create")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int KeyCreate(uint* key, nint destructor);

    [LibraryImport("libc", EntryPoint = "pthread_setspecific")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetSpecific(uint key, void* value);

    [LibraryImport("kernel32", EntryPoint = "FlsAlloc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial uint FlsAlloc(nint callback);

    [LibraryImport("kernel32", EntryPoint = "FlsSetValue")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int FlsSetValue(uint slot, void* value);
}
