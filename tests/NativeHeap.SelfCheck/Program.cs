// Runs the scenarios of the listed classes, each with each of its arguments, and counts. For NativeAOT, where xunit does not run: it finds tests by reflection
// over whole assemblies, and this by reflection over the classes named here, whose public methods the trimmer is told to keep.
//
// Prints a line for each scenario that fails or is skipped, and `N passed, N failed` at the end; the exit code is 1 if any failed.

using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

using NativeHeap.Tests.Allocators;
using NativeHeap.Tests.Buffers;
using NativeHeap.Tests.Collections;
using NativeHeap.Tests.Entities;
using NativeHeap.Tests.Heaps;
using NativeHeap.Tests.Maintenance;
using NativeHeap.Tests.Platform;
using NativeHeap.Tests.Recording;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.SelfCheck;

internal static class Program
{
    private static int s_passed;
    private static int s_failed;
    private static int s_skipped;

    private static int Main()
    {
        Console.WriteLine($"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, system pages of {Environment.SystemPageSize} bytes");
        Run<VirtualMemoryTests>();
        Run<SystemFailureTests>();
        Run<SettingsTests>();
        Run<ContainerLimitTests>();
        Run<ParkingTests>();
        Run<HeapLockTests>();
        Run<ThreadExitTests>();
        Run<MetadataAllocatorTests>();
        Run<DoorbellTests>();
        Run<CpuClockTests>();
        Run<CpuBudgetTests>();
        Run<ScavengerTests>();
        Run<ScavengerThreadTests>();
        Run<StubTests>();
        Run<HeapTests>();
        Run<HeapLifetimeTests>();
        Run<HeapSequenceTests>();
        Run<HeapWalkTests>();
        Run<HeapStubTests>();
        Run<ForeignStubTests>();
        Run<HeapResetTests>();
        Run<LimitTests>();
        Run<ProcessLimitTests>();
        Run<PressureTests>();
        Run<StatisticsTests>();
        Run<HeapTrimTests>();
        Run<HeapPrewarmTests>();
        Run<ZeroGarbageTests>();
        Run<ThreadTests>();
        Run<ThreadPagesTests>();
        Run<ThreadCacheTests>();
        Run<RecordingTests>();
        Run<RecordedScenario>();
        Run<BumpAllocatorTests>();
        Run<BumpMarkTests>();
        Run<FrameAllocatorTests>();
        Run<FreeListAllocatorTests>();
        Run<NativeHandleTests>();
        Run<NativeTableTests>();
        Run<NativeTableMemoryTests>();
        Run<NativeTableErrorTests>();
        Run<OccupancyBitsTests>();
        Run<NativeBoxTests>();
        Run<NativeArrayTests>();
        Run<NativeListTests>();
        Run<NativeDictionaryTests>();
        Run<CollectionLifetimeTests>();
        Run<CollectionMemoryTests>();
        Run<NativePoolTests>();
        Run<NativePoolPartitionTests>();
        Run<NativePoolMemoryTests>();
        Run<NativePoolErrorTests>();
        Run<FreeingHookTests>();
        Run<SavingTests>();
        Run<CompactingAllocatorTests>();
        Run<MessageBufferTests>();
        Run<MessageMisuseTests>();
        Run<MessageFanOutTests>();
        Run<MemoryPoolTests>();
        Run<MemoryPoolConcurrencyTests>();
        Run<BufferWriterTests>();
        Run<RingTests>();
        Run<SpscRingTests>();
        Run<RingConcurrencyTests>();
        Console.WriteLine($"{s_skipped} skipped");
        Console.WriteLine($"{s_passed} passed, {s_failed} failed");
        return s_failed == 0 && s_passed > 0 ? 0 : 1;
    }

    private static void Run<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.PublicProperties | DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>()
        where T : new()
    {
        foreach (MethodInfo method in typeof(T).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        {
            foreach (object?[] arguments in Arguments(typeof(T), method))
            {
                Run(() => Invoke(new T(), method, arguments), $"{typeof(T).Name}.{method.Name}({string.Join(", ", arguments)})");
            }
        }
    }

    private static IEnumerable<object?[]> Arguments([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] Type type, MethodInfo method)
    {
        if (method.GetCustomAttribute<FactAttribute>() != null)
        {
            return [[]];
        }

        IEnumerable<object?[]> rows = method.GetCustomAttributes<InlineDataAttribute>().Select(data => data.Arguments);
        foreach (MemberDataAttribute data in method.GetCustomAttributes<MemberDataAttribute>())
        {
            rows = rows.Concat(((IEnumerable)type.GetProperty(data.Member)!.GetValue(null)!).Cast<object?>().Select(value => new[] { value }));
        }

        return rows;
    }

    private static void Invoke(object? instance, MethodInfo method, object?[] arguments)
    {
        using IDisposable? disposable = instance as IDisposable;
        try
        {
            (method.Invoke(instance, arguments) as Task)?.GetAwaiter().GetResult();
        }
        catch (TargetInvocationException error) when (error.InnerException != null)
        {
            ExceptionDispatchInfo.Throw(error.InnerException);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a scenario throws is its failure; the others still run.")]
    private static void Run(Action scenario, string name)
    {
        try
        {
            scenario();
            s_passed++;
        }
        catch (SkipException reason)
        {
            s_skipped++;
            Console.WriteLine($"SKIPPED {name}: {reason.Message}");
        }
        catch (Exception error)
        {
            s_failed++;
            Console.WriteLine($"FAILED {name}: {error}");
        }
    }
}
