// The allocator's structures are the process's, made once. Here a test gets its own, as in a process that has only just begun: the static fields that lead to the
// structures are put aside, and the thread's record with them, and back at the end, when all that the test's structures were made of goes back to the system.
//
// No other thread may use the allocator meanwhile, and threads of the test must have ended when it returns. The system writes the flag of a thread's end into the structures,
// sometimes after Join: they are not given back before all flags are there, and before the flag of the test's own thread is another one.

using System;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Platform;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>Runs tests on structures of their own.</summary>
internal static unsafe class FreshProcess
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    // The flag of a thread without a record.
    private static readonly ThreadExit* s_nobody = MetadataAllocator.Create()->Alloc<ThreadExit>();

    private static readonly FieldInfo[] s_fields =
        [.. typeof(HeapProcess).GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public).Where(field => !field.IsLiteral)];

    /// <summary>The addresses that a page heap takes for its own tables, in no figure.</summary>
    public static long TableBytes { get; } = MeasureTables();

    /// <summary>Runs a test as if it were the first to call the allocator.</summary>
    /// <param name="system">Its system.</param>
    /// <param name="test">The test.</param>
    public static void Run(FaultySystem system, Action test)
    {
        // What the process needs once is there before anything is refused.
        Assert.True(HeapProcess.EnsureStarted());
        object?[] values = [.. s_fields.Select(field => field.GetValue(null))];
        foreach (FieldInfo field in s_fields)
        {
            field.SetValue(null, field.FieldType.IsValueType ? RuntimeHelpers.GetUninitializedObject(field.FieldType) : null);
        }

        ThreadRecord* record = ThreadRecord.Current;
        ThreadRecord.Current = null;
        FaultInjection.Armed = system;
        try
        {
            test();
            system.Relent();
            AwaitEnds();
            Assert.True(ThreadExit.Watch(record != null ? &record->Exit : s_nobody));
            system.ReturnAll();
        }
        finally
        {
            FaultInjection.Armed = null;
            ThreadRecord.Current = record;
            for (int i = 0; i < s_fields.Length; i++)
            {
                s_fields[i].SetValue(null, values[i]);
            }
        }
    }

    /// <summary>Waits for the flags of all threads but this one, which must have ended.</summary>
    public static void AwaitEnds()
    {
        if (HeapProcess.Registry == null)
        {
            return;
        }

        for (ThreadRecord* record = FirstOf(ref *HeapProcess.Registry); record != null; record = record->Next)
        {
            nint address = (nint)record;
            Assert.True(
                record == ThreadRecord.Current || record->State != ThreadRecordState.Attached || SpinWait.SpinUntil(() => ((ThreadRecord*)address)->Exit.HasEnded, s_patience),
                "A thread of the test is still running.");
        }
    }

    private static long MeasureTables()
    {
        FaultySystem system = new();
        long bytes = 0;
        Run(system, () =>
        {
            Assert.True(HeapProcess.EnsureStarted());
            bytes = system.Outstanding - (long)HeapProcess.Metadata->ChunkBytes - (long)HeapProcess.Pages->ReservedBytes;
        });
        return bytes;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_first")]
    private static extern ref ThreadRecord* FirstOf(ref ThreadRegistry registry);
}
