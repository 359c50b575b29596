// What a process does that comes up against a limit of the system's: it takes all there is, in large and ever smaller pieces, checks, frees half, takes all again, checks, frees all,
// and checks.
//
// The runtime is under the same limit, and dies of it. So what it needs is there before: all the code is compiled and has run once, under a limit of our own, and the collector has its memory. And nothing
// goes on beside it: it runs before Main, where no runner of tests has started threads that would want more just then.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Platform;

using Xunit;
using Xunit.Sdk;

namespace NativeHeap.Tests.Faults;

/// <summary>For a process of its own: see <see cref="RealLimitTests"/>.</summary>
public sealed unsafe partial class RealLimitScenario
{
    internal const string Variable = "NATIVEHEAP_TEST_REAL_LIMIT";
    internal const string UseFileVariable = "NATIVEHEAP_TEST_USE_FILE";
    internal const long ContainerBytes = 512L << 20;
    internal const string FromOutside = "from outside";
    internal const string AddressSpace = "address space";
    internal const string Data = "data";
    internal const string Mappings = "mappings";
    internal const string Container = "container";

    internal const string Survived = "Survived.";
    internal const int ExitFailed = 1;
    internal const int ExitSkipped = 77;

    private const int ResourceData = 2;
    private const int ResourceAddressSpace = 9;
    private const int ManagedBytes = 32 << 20;
    private const long Room = 192L << 20;
    private const ulong Unlimited = ulong.MaxValue;

    /// <summary>Instead of the tests, in a process that is started for it.</summary>
    [ModuleInitializer]
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever it throws is what the process was started to find out.")]
    internal static void RunAlone()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } limit)
        {
            return;
        }

        // The console, too, has what it needs before.
        Console.WriteLine(limit);
        int exit = 0;
        try
        {
            Run(limit);
            Console.WriteLine(Survived);
        }
        catch (Exception error)
        {
            Console.WriteLine(error);
            exit = error is SkipException ? ExitSkipped : ExitFailed;
        }

        Environment.Exit(exit);
    }

    private static void Run(string limit)
    {
        CompileRuntime();
        Hoard hoard = new();
        ProcessLimits.MaximumBytes = 32 << 20;
        _ = TakeAll(hoard);
        ProcessLimits.MaximumBytes = null;

        Assert.True(GC.TryStartNoGCRegion(ManagedBytes));
        switch (limit)
        {
            case AddressSpace:
                UnderLimit(ResourceAddressSpace, "VmSize:", hoard);
                break;
            case Data:
                UnderLimit(ResourceData, "VmData:", hoard);
                break;
            case Mappings:
                WithoutMappings(hoard);
                break;
            case Container:
                InContainer(hoard, Environment.GetEnvironmentVariable(UseFileVariable)!);
                break;
            default:
                _ = TakeAll(hoard);
                break;
        }

        HeapInvariants.Check([], HeapInvariants.AllArenas());
    }

    // What a first round does not come by, such as what follows a refusal halfway. Generic code is compiled by that round.
    [SuppressMessage("Trimming", "IL2026:RequiresUnreferencedCode", Justification = "The tests are not trimmed.")]
    private static void CompileRuntime()
    {
        foreach (Type type in typeof(Heap).Assembly.GetTypes())
        {
            foreach (MethodBase method in type.GetMembers(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).OfType<MethodBase>())
            {
                if (!type.IsGenericTypeDefinition && !method.IsGenericMethodDefinition && !method.IsAbstract && method.GetMethodBody() != null)
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle);
                }
            }
        }
    }

    /// <returns>The most that there was.</returns>
    private static long TakeAll(Hoard hoard)
    {
        hoard.Fill();
        long most = hoard.Bytes;
        hoard.Check();
        OutOfMemoryException error = Assert.Throws<OutOfMemoryException>(() => Heap.Shared.Alloc(48 << 20));
        Assert.Contains("50,331,648 bytes", error.Message, StringComparison.Ordinal);

        hoard.FreeEverySecond();
        hoard.Check();
        hoard.Fill();
        hoard.Check();
        Assert.True(hoard.Bytes > most * 3 / 4, $"Of {most:N0} bytes half were freed, and only {hoard.Bytes:N0} were to be had again.");

        hoard.FreeAll();
        hoard.Check();
        Heap.FlushThread();
        hoard.Check();
        return most;
    }

    private static void UnderLimit(int resource, string used, Hoard hoard)
    {
        SetLimit(resource, StatusBytes(used) + (ulong)Room);
        long most = TakeAll(hoard);
        SetLimit(resource, Unlimited);
        // What was reserved and not yet mapped came on top.
        Assert.InRange(most, Room / 4, Room + (96 << 20));
        Assert.InRange(TakeSome(hoard), Room * 2, long.MaxValue);
    }

    private static void InContainer(Hoard hoard, string useFile)
    {
        Assert.Equal(ContainerBytes, ProcessLimits.ContainerLimitBytes);
        ProcessLimits.MaximumBytes = Room;
        _ = Heap.Trim();
        long before = Use();
        hoard.Fill(touch: true);
        Assert.InRange(Use() - before, Room * 7 / 8, Room + (32 << 20));
        hoard.Check();
        hoard.FreeAll();
        _ = Heap.Trim();
        Assert.InRange(Use() - before, long.MinValue, 32 << 20);
        _ = TakeAll(hoard);

        long Use() => long.Parse(File.ReadAllText(useFile), CultureInfo.InvariantCulture);
    }

    // The kernel keeps a record for each stretch of addresses with an access of its own, and 65,530 for a process at most. Alternate pages of another access use them up, and
    // a few less leave the allocator a few: what needs one fails at the first, the second, or the third.
    private static void WithoutMappings(Hoard hoard)
    {
        nuint page = VirtualMemory.PageSize;
        nuint count = nuint.Parse(File.ReadAllText("/proc/sys/vm/max_map_count"), CultureInfo.InvariantCulture);
        Assert.SkipWhen(count > 1 << 20, $"The system permits {count:N0} mappings.");

        // The way of a refusal by the system has been gone before, too, where the runtime still gets what it needs for that.
        SetLimit(ResourceData, StatusBytes("VmData:") + (4 << 20));
        Assert.False(Heap.Shared.TryAlloc(48 << 20, out _));
        SetLimit(ResourceData, Unlimited);
        byte* area = (byte*)VirtualMemory.Reserve(2 * count * page, page);
        nuint taken = 0;
        while (Protect(area + ((2 * taken) + 1) * page, page, protection: 1) == 0)
        {
            taken++;
            Assert.True(taken < count, "There is no end to it.");
        }

        for (int spare = 0; spare < 4; spare++)
        {
            ProcessLimits.MaximumBytes = Room;
            _ = TakeAll(hoard);

            // A mapping that has a neighbour of the same access needs no record of its own: how much that gives depends on where the system puts what is reserved.
            Assert.True(spare != 0 || Refusal.Last == RefusedBy.System, "No mapping was to be had, and yet all the memory that our own limit permits.");
            ProcessLimits.MaximumBytes = null;
            taken--;
            Assert.True(Protect(area + ((2 * taken) + 1) * page, page, protection: 0) == 0, "A page lets its mapping go.");
        }

        Assert.True(VirtualMemory.Free(area, 2 * count * page));
        Assert.InRange(TakeSome(hoard), Room * 2, long.MaxValue);
    }

    // After the limit is gone: as much as any program may want.
    private static long TakeSome(Hoard hoard)
    {
        ProcessLimits.MaximumBytes = Room * 3;
        return TakeAll(hoard);
    }

    private static ulong StatusBytes(string name)
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return ulong.Parse(line.AsSpan(name.Length, line.Length - name.Length - " kB".Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) << 10;
    }

    private static void SetLimit(int resource, ulong bytes)
    {
        ResourceLimit limit = new() { Current = bytes, Maximum = Unlimited };
        Assert.Equal(0, SetResourceLimit(resource, &limit));
    }

    private struct ResourceLimit
    {
        public ulong Current;
        public ulong Maximum;
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetResourceLimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Protect(void* address, nuint length, int protection);
}
