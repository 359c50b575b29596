using System.Linq;
using System.Threading.Tasks;

using NativeHeap.CodeFixes.Declaration;

using Xunit;

namespace NativeHeap.CodeFixes.Tests.Declaration;

public static class ReorderFieldsTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        {
            "on one line",
            "[NativeAllocated] public partial struct {|NH0008:Tick|} { public bool Live; public long Time; public bool Dirty; }",
            "[NativeAllocated] public partial struct Tick { public long Time; public bool Live; public bool Dirty; }"
        },
        {
            "with comments, attributes and empty lines",
            """
            [NativeAllocated]
            public partial struct {|NH0008:Tick|}
            {
                /// <summary>Whether it counts.</summary>
                [Obsolete]
                public bool Live;

                // When it came,
                // in nanoseconds.
                public long Time; // since 1970

                public bool Dirty; // to be written
            }
            """,
            """
            [NativeAllocated]
            public partial struct Tick
            {
                // When it came,
                // in nanoseconds.
                public long Time; // since 1970

                /// <summary>Whether it counts.</summary>
                [Obsolete]
                public bool Live;

                public bool Dirty; // to be written
            }
            """
        },
        {
            "among other members",
            """
            [NativeAllocated]
            public partial struct {|NH0008:Tick|}
            {
                public const int Size = 3;
                private bool _live;
                private static int s_count;

                public Tick(long time) => Time = time;

                public long Time { get; set; }

                public bool Live => _live && s_count < Size;

                public byte A, B;
            }
            """,
            """
            [NativeAllocated]
            public partial struct Tick
            {
                public const int Size = 3;
                public long Time { get; set; }
                private static int s_count;

                public Tick(long time) => Time = time;

                private bool _live;

                public bool Live => _live && s_count < Size;

                public byte A, B;
            }
            """
        },
        {
            "several in one declaration",
            "[NativeAllocated] public unsafe partial struct {|NH0008:Tick|} { public byte A, B; public long X, Y; public int C; public fixed short D[1]; }",
            "[NativeAllocated] public unsafe partial struct Tick { public long X, Y; public int C; public fixed short D[1]; public byte A, B; }"
        },
        {
            "two structs",
            "[NativeAllocated] partial struct {|NH0008:A|} { byte X; long Y; byte Z; } [NativeAllocated] partial struct {|NH0008:B|} { short X; long Y; byte Z; }",
            "[NativeAllocated] partial struct A { long Y; byte X; byte Z; } [NativeAllocated] partial struct B { long Y; short X; byte Z; }"
        },
        {
            "not passed to native code, which others are",
            "[NativeAllocated] public partial struct {|NH0008:Tick|} { public bool Live; public long Time; public bool Dirty; } class N { [DllImport(\"n\")] static extern void Send(ref long t); }",
            "[NativeAllocated] public partial struct Tick { public long Time; public bool Live; public bool Dirty; } class N { [DllImport(\"n\")] static extern void Send(ref long t); }"
        },
    };

    public static TheoryData<string, string> NotOffered => new()
    {
        { "parameters of the type", "[NativeAllocated] public partial record struct {|NH0008:Tick|}(bool Live, long Time, bool Dirty);" },
        { "passed to native code", "[NativeAllocated] public partial struct {|NH0008:Tick|} { public bool Live; public long Time; public bool Dirty; } class N { [DllImport(\"n\")] static extern void Send(in Tick t); }" },
        { "in what is passed", "[NativeAllocated] public partial struct {|NH0008:Tick|} { public bool Live; public long Time; public bool Dirty; } struct Two { public Tick A, B; } unsafe class N { [DllImport(\"n\")] static extern Two* Next(); }" },
        {
            "under conditions",
            """
            [NativeAllocated]
            public partial struct {|NH0008:Tick|}
            {
                public bool Live;
            #if !SMALL
                public long Time;
            #endif
                public bool Dirty;
            }
            """
        },
    };

    [Fact]
    public static Task Fixes() => FixProgram.VerifyAsync(new ReorderFieldsFix(), Cases.Select(static c => c.Data));

    [Fact]
    public static Task Is_not_offered() => FixProgram.VerifyNotOfferedAsync(new ReorderFieldsFix(), NotOffered.Select(static c => c.Data));

    [Fact]
    public static Task Is_not_offered_where_the_fields_are_in_another_file()
        => FixProgram.VerifyNotOfferedAsync(
            new ReorderFieldsFix(),
            [("parts", "[NativeAllocated] public partial struct {|NH0008:Tick|} { }")],
            "namespace Case0; public partial struct Tick { public bool Live; public long Time; public bool Dirty; }");
}
